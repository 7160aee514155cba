-- Detects: money or orders that the months gain or lose against the published orders, guests included.
-- Usual cause: a month filter that drops refunds booked later than their order, or events after D.
-- A row: the two sums that differ.
{{ config(tags=['candidate']) }}

with months as (

    select
        coalesce(sum(orders), 0) as orders,
        coalesce(sum(gross_revenue), 0) as gross_revenue,
        coalesce(sum(discounts), 0) as discounts,
        coalesce(sum(refunds), 0) as refunds,
        coalesce(sum(net_revenue), 0) as net_revenue,
        coalesce(sum(margin), 0) as margin
    from {{ ref('kpi_monthly') }}

),

orders as (

    select
        coalesce(sum(case when is_valid then 1 else 0 end), 0) as orders,
        coalesce(sum(gross_revenue), 0) as gross_revenue,
        coalesce(sum(discounts), 0) as discounts,
        coalesce(sum(refunds), 0) as refunds,
        coalesce(sum(net_revenue), 0) as net_revenue,
        coalesce(sum(gross_margin), 0) as margin
    from {{ ref('fct_orders') }}

),

final as (

    select
        months.*,
        orders.orders as fct_orders,
        orders.gross_revenue as fct_gross_revenue,
        orders.discounts as fct_discounts,
        orders.refunds as fct_refunds,
        orders.net_revenue as fct_net_revenue,
        orders.margin as fct_margin
    from months
    cross join orders
    where
        months.orders <> orders.orders
        or months.gross_revenue <> orders.gross_revenue
        or months.discounts <> orders.discounts
        or months.refunds <> orders.refunds
        or months.net_revenue <> orders.net_revenue
        or months.margin <> orders.margin

)

select * from final
