with orders as (

    select * from {{ ref('feat_orders') }}
    where customer_id is null

),

refunds as (

    select * from {{ ref('feat_refunds') }}
    where customer_id is null

),

events as (

    select
        {{ period_number('order_date') }} as period_number,
        1 as order_count,
        gross_revenue - discounts as amount
    from orders
    union all
    select
        {{ period_number('refund_date') }} as period_number,
        0 as order_count,
        0 - amount as amount
    from refunds

),

final as (

    select
        period_number,
        cast(sum(order_count) as bigint) as order_count,
        cast(sum(amount) as decimal(18, 2)) as net_revenue
    from events
    group by period_number

)

select * from final
