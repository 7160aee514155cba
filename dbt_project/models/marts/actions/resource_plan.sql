{%- set expected_orders = 'expected_orders_' ~ var('clv_horizon_weeks') ~ 'w' %}

with priorities as (

    select * from {{ ref('customer_priority') }}

),

lifetime_value as (

    select * from {{ ref('customer_lifetime_value') }}

),

plan_of_tiers as (

    select
        'P1' as priority,
        'dedicated' as service_tier,
        {{ var('dedicated_capacity') }} as capacity
    union all
    select
        'P2' as priority,
        'regular' as service_tier,
        {{ var('regular_capacity') }} as capacity
    union all
    select
        'P3' as priority,
        'regular' as service_tier,
        null as capacity
    union all
    select
        'P4' as priority,
        'automated' as service_tier,
        null as capacity
    union all
    select
        'none' as priority,
        'none' as service_tier,
        null as capacity

),

counted as (

    select
        priorities.priority,
        count(*) as customers,
        sum({{ money(widen('lifetime_value.' ~ expected_orders ~ ' * lifetime_value.expected_order_value')) }})
            as expected_revenue,
        sum(priorities.revenue_at_risk) as revenue_at_risk
    from priorities
    left join lifetime_value
        on priorities.customer_id = lifetime_value.customer_id
    group by priorities.priority

),

final as (

    select
        cast(plan_of_tiers.priority as varchar) as priority,
        cast(plan_of_tiers.service_tier as varchar) as service_tier,
        cast(coalesce(counted.customers, 0) as bigint) as customers,
        cast(plan_of_tiers.capacity as bigint) as capacity,
        {{ ratio('coalesce(counted.customers, 0)', 'plan_of_tiers.capacity') }} as capacity_use,
        cast(coalesce(counted.expected_revenue, 0) as decimal(18, 2)) as expected_revenue,
        cast(coalesce(counted.revenue_at_risk, 0) as decimal(18, 2)) as revenue_at_risk,
        {{ as_of_date() }} as as_of_date
    from plan_of_tiers
    left join counted
        on plan_of_tiers.priority = counted.priority

)

select * from final
