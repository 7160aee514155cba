with records as (

    select * from {{ ref('int_records_find_first_seen') }}
    where is_in_event

),

merged as (

    select * from {{ ref('int_records_merge') }}

),

-- events that name no customer and were found to be somebody's by e-mail or phone
found as (

    select
        customer_id,
        {{ business_date('created_at') }} as event_date
    from {{ ref('int_tickets_assign') }}
    where assigned_by in ('email', 'phone')
    union all
    select
        customer_id,
        {{ business_date('responded_at') }} as event_date
    from {{ ref('int_survey_responses_assign') }}
    where assigned_by in ('email', 'phone')
    union all
    select
        customer_id,
        {{ business_date('occurred_at') }} as event_date
    from {{ ref('int_interactions_assign') }}
    where assigned_by in ('email', 'phone')

),

events as (

    select
        coalesce(merged.customer_id, records.record_id) as customer_id,
        records.first_event_date as event_date
    from records
    left join merged
        on records.record_id = merged.record_id
    union all
    select * from found

),

final as (

    select
        customer_id,
        min(event_date) as first_event_date
    from events
    group by customer_id

)

select * from final
