with customers as (

    select * from {{ ref('feat_customer_orders') }}

),

tiers as (

    {{ value_tiers_at('customers') }}

),

final as (

    select
        customers.customer_id,
        case when customers.order_count > 0 then tiers.value_tier else 'unknown' end as value_tier
    from customers
    left join tiers
        on customers.net_revenue = tiers.net_revenue

)

select * from final
