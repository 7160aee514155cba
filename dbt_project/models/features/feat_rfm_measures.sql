with purchase_days as (

    select * from {{ ref('purchase_days') }}

),

refunds as (

    select * from {{ ref('refund_values') }}

),

purchases as (

    select
        customer_id,
        sum(order_count) as frequency,
        sum(gross_revenue - discounts) as bought_amount,
        max(purchase_date) as last_purchase_date
    from purchase_days
    where
        purchase_date <= {{ as_of_date() }}
        and {{ within_rfm_window('purchase_date') }}
    group by customer_id

),

given_back as (

    select
        customer_id,
        sum(amount) as refunded_amount
    from refunds
    where
        counts
        and customer_id is not null
        and refund_date <= {{ as_of_date() }}
        and {{ within_rfm_window('refund_date') }}
    group by customer_id

),

final as (

    select
        purchases.customer_id,
        cast({{ days_between('purchases.last_purchase_date', as_of_date()) }} as integer) as recency_days,
        cast(purchases.frequency as bigint) as frequency,
        cast(purchases.bought_amount - coalesce(given_back.refunded_amount, 0) as decimal(18, 2)) as monetary
    from purchases
    left join given_back
        on purchases.customer_id = given_back.customer_id

)

select * from final
