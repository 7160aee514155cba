with orders as (

    select * from {{ ref('core_orders') }}
    where order_date <= {{ as_of_date() }}

),

final as (

    select
        order_id,
        source_order_id,
        customer_id,
        campaign_id,
        status,
        delivered_status,
        channel,
        delivered_currency,
        order_number,
        gross_revenue,
        discounts,
        order_discount,
        cost,
        delivered_amount,
        is_valid,
        is_return_document,
        is_excluded,
        is_cost_estimated,
        order_date,
        ordered_at
    from orders

)

select * from final
