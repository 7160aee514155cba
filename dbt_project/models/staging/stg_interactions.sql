with base as (

    select * from {{ ref('base_interactions') }}

),

final as (

    select
        interaction_id,
        source_interaction_id,
        customer_id,
        email,
        phone,
        channel,
        direction,
        kind,
        outcome,
        is_deleted,
        occurred_at,
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
