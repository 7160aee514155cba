with web_events as (

    select * from {{ ref('stg_web_events') }}

),

merged as (

    select * from {{ ref('int_records_merge') }}

),

final as (

    select
        web_events.event_id,
        web_events.source_event_id,
        coalesce(merged.customer_id, web_events.customer_id) as customer_id,
        web_events.customer_id as record_id,
        web_events.product_id,
        web_events.anonymous_id,
        web_events.name,
        web_events.page,
        web_events.session_id,
        web_events.device,
        web_events.utm_source,
        web_events.utm_medium,
        web_events.utm_campaign,
        web_events.is_deleted,
        web_events.occurred_at,
        web_events.updated_at,
        web_events._source,
        web_events._file,
        web_events._batch_id,
        web_events._row_number,
        web_events._extracted_at,
        web_events._extra
    from web_events
    left join merged
        on web_events.customer_id = merged.record_id

)

select * from final
