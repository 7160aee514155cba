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
        {{ month_start('purchase_date') }} as month,
        gross_revenue - discounts as amount,
        1 as purchases
    from purchase_days
    union all
    select
        customer_id,
        {{ month_start('refund_date') }} as month,
        0 - amount as amount,
        0 as purchases
    from refunds

),

buyers as (

    select
        customer_id,
        month,
        cast(greatest(sum(amount), 0) as decimal(18, 2)) as revenue
    from events
    group by customer_id, month
    having max(purchases) = 1

),

revenues as (

    select
        month,
        revenue,
        count(*) as copies
    from buyers
    group by month, revenue

),

ranked as (

    select
        month,
        revenue,
        copies,
        sum(copies) over (
            partition by month order by revenue
            rows between unbounded preceding and current row
        ) as copies_so_far,
        sum(copies) over (partition by month) as buyer_count
    from revenues

),

final as (

    select
        month,
        {{ gini('revenue', 'copies', 'copies_so_far', 'buyer_count') }} as gini,
        {{ top_20_share('revenue', 'copies', 'copies_so_far', 'buyer_count') }} as top_20_share
    from ranked
    group by month

)

select * from final
