with customers as (

    select * from {{ ref('feat_customer_orders') }}

),

rfm as (

    select * from {{ ref('customer_rfm') }}

),

tiers as (

    select * from {{ ref('feat_customer_value') }}

),

lifecycle as (

    select * from {{ ref('customer_lifecycle') }}

),

final as (

    select
        customers.customer_id,
        coalesce(rfm.rfm_segment, 'unknown') as rfm_segment,
        tiers.value_tier,
        lifecycle.lifecycle_stage,
        customers.order_count,
        customers.gross_revenue,
        customers.discounts,
        customers.net_revenue,
        customers.margin
    from customers
    left join rfm
        on customers.customer_id = rfm.customer_id
    left join tiers
        on customers.customer_id = tiers.customer_id
    left join lifecycle
        on customers.customer_id = lifecycle.customer_id

)

select * from final
