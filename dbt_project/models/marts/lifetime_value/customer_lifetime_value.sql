with customers as (

    select * from {{ ref('feat_customer_orders') }}
    where order_count > 0

),

final as (

    select
        cast(customer_id as varchar) as customer_id,
        cast(null as varchar) as clv_tier,
        cast(null as varchar) as model_name,
        cast(null as varchar) as model_grade,
        cast(net_revenue as decimal(18, 2)) as historic_revenue,
        cast(margin as decimal(18, 2)) as historic_margin,
        cast(average_order_value as decimal(18, 2)) as average_order_value,
        cast(order_count as bigint) as order_count,
        cast(null as bigint) as x,
        cast(null as double precision) as t_x,
        cast(null as double precision) as t,
        cast(null as double precision) as probability_alive,
        cast(null as double precision) as expected_orders_52w,
        cast(null as decimal(18, 2)) as expected_order_value,
        cast(null as decimal(18, 2)) as predicted_clv,
        cast(null as decimal(18, 2)) as predicted_clv_low,
        cast(null as decimal(18, 2)) as predicted_clv_high,
        {{ as_of_date() }} as as_of_date
    from customers

)

select * from final
