with guest_orders as (

    select * from {{ ref('fct_orders') }}
    where customer_id is null

),

final as (

    select
        cast(coalesce(sum(case when is_valid then 1 else 0 end), 0) as bigint) as order_count,
        cast(coalesce(sum(gross_revenue), 0) as decimal(18, 2)) as gross_revenue,
        cast(coalesce(sum(discounts), 0) as decimal(18, 2)) as discounts,
        cast(coalesce(sum(refunds), 0) as decimal(18, 2)) as refunds,
        cast(coalesce(sum(net_revenue), 0) as decimal(18, 2)) as net_revenue,
        cast(coalesce(sum(cost), 0) as decimal(18, 2)) as cost,
        cast(coalesce(sum(gross_margin), 0) as decimal(18, 2)) as gross_margin,
        cast(min(case when is_valid then order_date end) as date) as first_order_date,
        cast(max(case when is_valid then order_date end) as date) as last_order_date,
        {{ as_of_date() }} as as_of_date
    from guest_orders

)

select * from final
