with interactions as (

    select * from {{ ref('stg_interactions') }}

),

merged as (

    select * from {{ ref('int_records_merge') }}

),

found as (

    select * from {{ ref('int_events_find_customer') }}
    where kind = 'interaction'

),

final as (

    select
        interactions.interaction_id,
        interactions.source_interaction_id,
        coalesce(merged.customer_id, interactions.customer_id, found.customer_id) as customer_id,
        interactions.customer_id as record_id,
        case
            when interactions.customer_id is not null then 'customer_id'
            else coalesce(found.assigned_by, 'none')
        end as assigned_by,
        interactions.channel,
        interactions.direction,
        interactions.kind,
        interactions.outcome,
        interactions.is_deleted,
        interactions.occurred_at,
        interactions.updated_at,
        interactions._source,
        interactions._file,
        interactions._batch_id,
        interactions._row_number,
        interactions._extracted_at,
        interactions._extra
    from interactions
    left join merged
        on interactions.customer_id = merged.record_id
    left join found
        on interactions.interaction_id = found.event_id

)

select * from final
