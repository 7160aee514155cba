with orders as (

    select * from {{ ref('stg_orders') }}

),

excluded_customers as (

    select * from {{ ref('excluded_customers') }}

),

final as (

    select
        orders.order_id,
        orders.customer_id,
        orders.campaign_id,
        orders.status,
        orders.delivered_status,
        orders.channel,
        orders.currency,
        orders.exchange_rate,
        orders.subtotal_amount,
        orders.discount_amount,
        orders.status = 'completed' as is_completed,
        excluded_customers.customer_id is not null as is_excluded,
        orders.order_date,
        orders.ordered_at
    from orders
    left join excluded_customers
        on orders.customer_id = excluded_customers.customer_id

)

select * from final
