with base as (

    select * from {{ ref('base_web_events') }}

),

final as (

    select
        event_id,
        source_event_id,
        customer_id,
        product_id,
        anonymous_id,
        name,
        page,
        session_id,
        device,
        utm_source,
        utm_medium,
        utm_campaign,
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
