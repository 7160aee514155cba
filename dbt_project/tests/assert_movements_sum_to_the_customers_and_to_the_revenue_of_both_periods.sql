-- Detects: a customer who moved in no way or in two, or revenue of a period that the movements gain or lose against
-- the facts.
-- Usual cause: an event on the border of a period, or a refund that counts in one place and not in the other.
-- A row: the sums that differ.
{{ config(tags=['candidate']) }}

with movements as (

    select
        sum(customers) as customers,
        sum(revenue_before) as revenue_before,
        sum(revenue_now) as revenue_now,
        sum(orders_before) as orders_before,
        sum(orders_now) as orders_now,
        sum(revenue_change - change_from_orders - change_from_value) as unexplained
    from {{ ref('period_to_period') }}

),

customers as (

    select count(*) as customers
    from {{ ref('dim_customers') }}

),

events as (

    select
        order_date as event_date,
        case when is_valid then 1 else 0 end as order_count,
        gross_revenue - discounts as amount
    from {{ ref('fct_orders') }}
    union all
    select
        refund_date as event_date,
        0 as order_count,
        0 - amount as amount
    from {{ ref('core_refunds') }}
    where is_counted

),

dated as (

    select
        *,
        event_date between {{ period_start(2) }} and {{ period_end(2) }} as is_before,
        event_date between {{ period_start(1) }} and {{ as_of_date() }} as is_now
    from events

),

facts as (

    select
        coalesce(sum(case when is_before then amount end), 0) as revenue_before,
        coalesce(sum(case when is_now then amount end), 0) as revenue_now,
        coalesce(sum(case when is_before then order_count end), 0) as orders_before,
        coalesce(sum(case when is_now then order_count end), 0) as orders_now
    from dated

),

final as (

    select
        movements.*,
        customers.customers as dim_customers,
        facts.revenue_before as fct_revenue_before,
        facts.revenue_now as fct_revenue_now,
        facts.orders_before as fct_orders_before,
        facts.orders_now as fct_orders_now
    from movements
    cross join customers
    cross join facts
    where
        movements.customers <> customers.customers
        or movements.revenue_before <> facts.revenue_before
        or movements.revenue_now <> facts.revenue_now
        or movements.orders_before <> facts.orders_before
        or movements.orders_now <> facts.orders_now
        or movements.unexplained <> 0

)

select * from final
