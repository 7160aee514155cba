with purchase_days as (

    select * from {{ ref('feat_purchase_days') }}

),

refunds as (

    select * from {{ ref('feat_refunds') }}
    where customer_id is not null

),

events as (

    select
        customer_id,
        {{ period_number('purchase_date') }} as period_number,
        order_count,
        gross_revenue - discounts as amount
    from purchase_days
    union all
    select
        customer_id,
        {{ period_number('refund_date') }} as period_number,
        0 as order_count,
        0 - amount as amount
    from refunds

),

final as (

    select
        customer_id,
        period_number,
        cast(sum(order_count) as bigint) as order_count,
        cast(sum(amount) as decimal(18, 2)) as net_revenue
    from events
    group by customer_id, period_number

)

select * from final
