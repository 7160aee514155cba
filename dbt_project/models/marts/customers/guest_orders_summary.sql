with orders as (

    select
        count(*) as order_count,
        sum(gross_revenue) as gross_revenue,
        sum(discounts) as discounts,
        sum(cost) as cost,
        min(order_date) as first_order_date,
        max(order_date) as last_order_date
    from {{ ref('feat_orders') }}
    where customer_id is null

),

refunds as (

    select
        sum(amount) as refunds,
        sum(cost_credit) as cost_credit
    from {{ ref('feat_refunds') }}
    where customer_id is null

),

totals as (

    select
        orders.order_count,
        coalesce(orders.gross_revenue, 0) as gross_revenue,
        coalesce(orders.discounts, 0) as discounts,
        coalesce(refunds.refunds, 0) as refunds,
        coalesce(orders.cost, 0) - coalesce(refunds.cost_credit, 0) as cost,
        orders.first_order_date,
        orders.last_order_date
    from orders
    cross join refunds

),

final as (

    select
        cast(order_count as bigint) as order_count,
        cast(gross_revenue as decimal(18, 2)) as gross_revenue,
        cast(discounts as decimal(18, 2)) as discounts,
        cast(refunds as decimal(18, 2)) as refunds,
        cast(gross_revenue - discounts - refunds as decimal(18, 2)) as net_revenue,
        cast(cost as decimal(18, 2)) as cost,
        cast(gross_revenue - discounts - refunds - cost as decimal(18, 2)) as gross_margin,
        cast(first_order_date as date) as first_order_date,
        cast(last_order_date as date) as last_order_date,
        {{ as_of_date() }} as as_of_date
    from totals

)

select * from final
