with orders as (

    select * from {{ ref('feat_orders') }}

),

refunds as (

    select * from {{ ref('feat_refunds') }}

),

order_months as (

    select
        {{ month_start('order_date') }} as month,
        count(*) as orders,
        sum(case when customer_id is null then 1 else 0 end) as guest_orders,
        sum(case when order_number = 2 then 1 else 0 end) as second_orders,
        sum(gross_revenue) as gross_revenue,
        sum(discounts) as discounts,
        sum(cost) as cost,
        sum(case when customer_id is null then gross_revenue - discounts else 0 end) as guest_amount
    from orders
    group by {{ month_start('order_date') }}

),

refund_months as (

    select
        {{ month_start('refund_date') }} as month,
        sum(amount) as refunds,
        sum(cost_credit) as cost_credit,
        sum(case when customer_id is null then amount else 0 end) as guest_refunds
    from refunds
    group by {{ month_start('refund_date') }}

),

final as (

    select
        coalesce(order_months.month, refund_months.month) as month,
        coalesce(order_months.orders, 0) as orders,
        coalesce(order_months.guest_orders, 0) as guest_orders,
        coalesce(order_months.second_orders, 0) as second_orders,
        coalesce(order_months.gross_revenue, 0) as gross_revenue,
        coalesce(order_months.discounts, 0) as discounts,
        coalesce(refund_months.refunds, 0) as refunds,
        coalesce(order_months.cost, 0) - coalesce(refund_months.cost_credit, 0) as cost,
        coalesce(order_months.guest_amount, 0) - coalesce(refund_months.guest_refunds, 0) as guest_net_revenue
    from order_months
    full outer join refund_months
        on order_months.month = refund_months.month

)

select * from final
