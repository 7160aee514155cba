-- Detects: money or orders that differ between fct_orders and the customers with the guests.
-- Usual cause: a customer of an order that is missing in dim_customers, or a filter on one of the two sides.
-- A row: the sums that differ.
{{ config(tags=['candidate']) }}

with parts as (

    select
        order_count,
        gross_revenue,
        discounts,
        refunds,
        net_revenue,
        gross_margin
    from {{ ref('dim_customers') }}
    union all
    select
        order_count,
        gross_revenue,
        discounts,
        refunds,
        net_revenue,
        gross_margin
    from {{ ref('guest_orders_summary') }}

),

parts_total as (

    select
        coalesce(sum(order_count), 0) as order_count,
        coalesce(sum(gross_revenue), 0) as gross_revenue,
        coalesce(sum(discounts), 0) as discounts,
        coalesce(sum(refunds), 0) as refunds,
        coalesce(sum(net_revenue), 0) as net_revenue,
        coalesce(sum(gross_margin), 0) as gross_margin
    from parts

),

orders_total as (

    select
        coalesce(sum(case when is_valid then 1 else 0 end), 0) as order_count,
        coalesce(sum(gross_revenue), 0) as gross_revenue,
        coalesce(sum(discounts), 0) as discounts,
        coalesce(sum(refunds), 0) as refunds,
        coalesce(sum(net_revenue), 0) as net_revenue,
        coalesce(sum(gross_margin), 0) as gross_margin
    from {{ ref('fct_orders') }}

),

final as (

    select * from parts_total
    except
    select * from orders_total

)

select * from final
