with tickets as (

    select * from {{ ref('stg_tickets') }}

),

merged as (

    select * from {{ ref('int_records_merge') }}

),

found as (

    select * from {{ ref('int_events_find_customer') }}
    where kind = 'ticket'

),

final as (

    select
        tickets.ticket_id,
        tickets.source_ticket_id,
        coalesce(merged.customer_id, tickets.customer_id, found.customer_id) as customer_id,
        tickets.customer_id as record_id,
        case
            when tickets.customer_id is not null then 'customer_id'
            else coalesce(found.assigned_by, 'none')
        end as assigned_by,
        tickets.kind,
        tickets.status,
        tickets.channel,
        tickets.topic,
        tickets.text,
        tickets.csat_score,
        tickets.is_deleted,
        tickets.created_at,
        tickets.first_response_at,
        tickets.resolved_at,
        tickets.updated_at,
        tickets._source,
        tickets._file,
        tickets._batch_id,
        tickets._row_number,
        tickets._extracted_at,
        tickets._extra
    from tickets
    left join merged
        on tickets.customer_id = merged.record_id
    left join found
        on tickets.ticket_id = found.event_id

)

select * from final
