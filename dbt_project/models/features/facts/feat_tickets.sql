with tickets as (

    select
        *,
        {{ business_date('created_at') }} as created_date,
        case when {{ business_date('reopened_at') }} <= {{ as_of_date() }} then reopened_at end as reopened_by_d,
        case when {{ business_date('resolved_at') }} <= {{ as_of_date() }} then resolved_at end as resolved_by_d
    from {{ ref('int_tickets_assign') }}

),

kinds as (

    select * from {{ ref('map_ticket_kind') }}

),

excluded_customers as (

    select * from {{ ref('int_customers_exclude') }}

),

-- of a reopened ticket its last resolution counts; one that is open again has none
known as (

    select
        tickets.*,
        coalesce(kinds.kind, 'other') as mapped_kind,
        case when coalesce(tickets.reopened_by_d <= tickets.resolved_by_d, true) then tickets.resolved_by_d end
            as last_resolved_at,
        case
            when {{ business_date('tickets.first_response_at') }} <= {{ as_of_date() }} then tickets.first_response_at
        end as responded_by_d
    from tickets
    left join kinds
        on lower(tickets.kind) = kinds.delivered_kind
    left join excluded_customers
        on tickets.customer_id = excluded_customers.customer_id
    where
        tickets.created_date <= {{ as_of_date() }}
        and excluded_customers.customer_id is null

),

final as (

    select
        ticket_id,
        customer_id,
        product_id,
        mapped_kind as kind,
        kind as delivered_kind,
        status,
        priority,
        channel,
        topic,
        text,
        csat_score,
        case
            when responded_by_d >= created_at then {{ hours_between('created_at', 'responded_by_d') }}
        end as first_response_hours,
        case
            when last_resolved_at >= created_at then {{ hours_between('created_at', 'last_resolved_at') }}
        end as resolution_hours,
        last_resolved_at is null as is_open,
        coalesce(last_resolved_at < created_at or responded_by_d < created_at, false) as has_impossible_times,
        created_date,
        {{ business_date('last_resolved_at') }} as resolved_date,
        {{ business_date('resolved_by_d') }} as delivered_resolved_date,
        created_at,
        responded_by_d as first_response_at,
        last_resolved_at as resolved_at,
        reopened_by_d as reopened_at,
        resolved_by_d as delivered_resolved_at,
        coalesce(resolved_at, updated_at, created_at) as csat_at
    from known

)

select * from final
