with events as (

    select
        *,
        {{ business_date('occurred_at') }} as occurred_date
    from {{ ref('int_web_events_assign') }}

),

steps as (

    select * from {{ ref('map_web_event_step') }}

),

excluded_customers as (

    select * from {{ ref('int_customers_exclude') }}

),

-- one browser is one visitor before and after the login; an event of nobody is a visit of its own
final as (

    select
        events.event_id,
        events.customer_id,
        events.product_id,
        case
            when events.anonymous_id is not null then 'visitor ' || events._source || ' ' || events.anonymous_id
            when events.session_id is not null then 'session ' || events._source || ' ' || events.session_id
            else coalesce('customer ' || events.customer_id, 'event ' || events.event_id)
        end as visitor,
        steps.step,
        events.device,
        events.utm_source,
        events.utm_medium,
        events.utm_campaign,
        excluded_customers.customer_id is null as is_counted,
        events.occurred_date,
        events.occurred_at
    from events
    left join steps
        on lower(events.name) = steps.delivered_name
    left join excluded_customers
        on events.customer_id = excluded_customers.customer_id
    where events.occurred_date <= {{ as_of_date() }}

)

select * from final
