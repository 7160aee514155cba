with purchase_days as (

    select * from {{ ref('purchase_days') }}
    where purchase_date <= {{ as_of_date() }}

),

refunds as (

    select * from {{ ref('refund_values') }}
    where
        counts
        and customer_id is not null
        and refund_date <= {{ as_of_date() }}

),

events as (

    select
        customer_id,
        {{ month_start('purchase_date') }} as month,
        order_count,
        gross_revenue,
        discounts,
        cast(0 as decimal(18, 2)) as refunds
    from purchase_days
    union all
    select
        customer_id,
        {{ month_start('refund_date') }} as month,
        0 as order_count,
        cast(0 as decimal(18, 2)) as gross_revenue,
        cast(0 as decimal(18, 2)) as discounts,
        amount as refunds
    from refunds

),

months as (

    select
        customer_id,
        month,
        sum(order_count) as order_count,
        sum(gross_revenue) as gross_revenue,
        sum(discounts) as discounts,
        sum(refunds) as refunds,
        case when sum(order_count) > 0 then month end as purchase_month
    from events
    group by customer_id, month

),

final as (

    select
        customer_id,
        cast(order_count as bigint) as order_count,
        cast(gross_revenue - discounts - refunds as decimal(18, 2)) as net_revenue,
        order_count > 0 as is_active,
        month,
        min(purchase_month) over (partition by customer_id) as cohort_month,
        max(purchase_month) over (
            partition by customer_id order by month
            rows between unbounded preceding and 1 preceding
        ) as previous_purchase_month,
        min(purchase_month) over (
            partition by customer_id order by month
            rows between 1 following and unbounded following
        ) as next_purchase_month
    from months

)

select * from final
