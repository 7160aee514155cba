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
        lag(purchase_date) over (partition by customer_id order by purchase_date) as previous_purchase_date
    from days

),

final as (

    select
        customer_id,
        purchase_date,
        purchase_number,
        {{ days_between('previous_purchase_date', 'purchase_date') }} as gap_days,
        order_count,
        cast(gross_revenue as decimal(18, 2)) as gross_revenue,
        cast(discounts as decimal(18, 2)) as discounts
    from numbered

)

select * from final
