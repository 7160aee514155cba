with orders as (

    select * from {{ ref('order_values') }}
    where
        is_valid
        and customer_id is not null

),

days as (

    select
        customer_id,
        order_date as purchase_date,
        count(*) as order_count,
        sum(gross_revenue) as gross_revenue,
        sum(discounts) as discounts
    from orders
    group by customer_id, order_date

),

numbered as (

    select
        *,
        row_number() over (partition by customer_id order by purchase_date) as purchase_number,
        lag(purchase_date) over (partition by customer_id order by purchase_date) as previous_purchase_date,
        lead(purchase_date) over (partition by customer_id order by purchase_date) as next_purchase_date,
        first_value(purchase_date) over (partition by customer_id order by purchase_date) as first_purchase_date,
        sum(order_count) over (
            partition by customer_id order by purchase_date
            rows between unbounded preceding and current row
        ) as orders_so_far,
        sum(gross_revenue - discounts) over (
            partition by customer_id order by purchase_date
            rows between unbounded preceding and current row
        ) as bought_so_far
    from days

),

spaced as (

    select
        *,
        {{ days_between('previous_purchase_date', 'purchase_date') }} as gap_days
    from numbered

),

-- each row with the customer's last gaps, its own included; the first purchase day brings no gap
remembered as (

    select
        *,
        array_agg(gap_days) over (
            partition by customer_id order by purchase_date
            rows between {{ var('cadence_gaps') - 1 }} preceding and current row
        ) as last_gaps
    from spaced

),

paced as (

    select
        *,
        -- two gaps make a cadence
        case when purchase_number >= 3 then {{ list_median('last_gaps') }} end as median_gap_days
    from remembered

),

final as (

    select
        customer_id,
        purchase_date,
        purchase_number,
        gap_days,
        median_gap_days,
        lag(median_gap_days) over (partition by customer_id order by purchase_date) as earlier_median_gap_days,
        order_count,
        cast(gross_revenue as decimal(18, 2)) as gross_revenue,
        cast(discounts as decimal(18, 2)) as discounts,
        cast(orders_so_far as bigint) as orders_so_far,
        cast(bought_so_far as decimal(18, 2)) as bought_so_far,
        first_purchase_date,
        next_purchase_date
    from paced

)

select * from final
