with base as (

    select * from {{ ref('base_leads') }}

),

final as (

    select
        lead_id,
        source_lead_id,
        converted_customer_id,
        email,
        phone,
        full_name,
        source,
        status,
        is_deleted,
        created_at,
        converted_at,
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
