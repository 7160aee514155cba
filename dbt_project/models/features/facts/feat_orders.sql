with orders as (

    select * from {{ ref('feat_all_orders') }}
    where is_valid

),

final as (

    select
        order_id,
        customer_id,
        campaign_id,
        channel,
        order_number,
        gross_revenue,
        discounts,
        order_discount,
        cost,
        is_cost_estimated,
        order_date,
        ordered_at
    from orders

)

select * from final
