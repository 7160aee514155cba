with base as (

    select * from {{ ref('base_survey_responses') }}

),

final as (

    select
        response_id,
        source_response_id,
        customer_id,
        email,
        phone,
        survey_type,
        comment,
        wave,
        score,
        is_deleted,
        responded_at,
        updated_at,
        _source,
        _file,
        _batch_id,
        _row_number,
        _extracted_at,
        _extra
    from base
    where _disposition = 'staged'

)

select * from final
