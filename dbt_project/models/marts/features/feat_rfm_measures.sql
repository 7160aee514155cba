with orders as (

    select * from {{ ref('order_values') }}

),

refunds as (

    select * from {{ ref('refund_values') }}

),

purchases as (

    select
        customer_id,
        count(*) as frequency,
        sum(gross_revenue - discounts) as bought_amount,
        max(order_date) as last_order_date
    from orders
    where
        is_valid
        and not is_excluded
        and customer_id is not null
        and order_date <= {{ as_of_date() }}
        {{ within_rfm_window('order_date') }}
    group by customer_id

),

money_back as (

    select
        customer_id,
        sum(amount) as refunded_amount
    from refunds
    where
        counts
        and customer_id is not null
        and refund_date <= {{ as_of_date() }}
        {{ within_rfm_window('refund_date') }}
    group by customer_id

),

final as (

    select
        purchases.customer_id,
        cast({{ days_between('purchases.last_order_date', as_of_date()) }} as integer) as recency_days,
        cast(purchases.frequency as bigint) as frequency,
        cast(purchases.bought_amount - coalesce(money_back.refunded_amount, 0) as decimal(18, 2)) as monetary
    from purchases
    left join money_back
        on purchases.customer_id = money_back.customer_id

)

select * from final
