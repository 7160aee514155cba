with excluded_customers as (

    select * from {{ ref('int_customers_exclude') }}

),

orders as (

    select * from {{ ref('int_orders_value') }}
    where
        is_excluded
        and order_date <= {{ as_of_date() }}

),

refunds as (

    select * from {{ ref('int_refunds_value') }}
    where
        is_excluded
        and is_counted
        and order_date <= {{ as_of_date() }}
        and refund_date <= {{ as_of_date() }}

),

order_totals as (

    select
        customer_id,
        sum(case when is_valid then 1 else 0 end) as order_count,
        sum(gross_revenue) as gross_revenue,
        sum(discounts) as discounts
    from orders
    group by customer_id

),

refund_totals as (

    select
        customer_id,
        sum(amount) as refunds
    from refunds
    group by customer_id

),

totalled as (

    select
        excluded_customers.customer_id,
        excluded_customers.reason,
        coalesce(order_totals.order_count, 0) as order_count,
        coalesce(order_totals.gross_revenue, 0) as gross_revenue,
        coalesce(order_totals.discounts, 0) as discounts,
        coalesce(refund_totals.refunds, 0) as refunds
    from excluded_customers
    left join order_totals
        on excluded_customers.customer_id = order_totals.customer_id
    left join refund_totals
        on excluded_customers.customer_id = refund_totals.customer_id

),

final as (

    select
        cast(customer_id as varchar) as customer_id,
        cast(reason as varchar) as reason,
        cast(order_count as bigint) as order_count,
        cast(gross_revenue as decimal(18, 2)) as gross_revenue,
        cast(discounts as decimal(18, 2)) as discounts,
        cast(refunds as decimal(18, 2)) as refunds,
        cast(gross_revenue - discounts - refunds as decimal(18, 2)) as net_revenue,
        {{ as_of_date() }} as as_of_date
    from totalled

)

select * from final
