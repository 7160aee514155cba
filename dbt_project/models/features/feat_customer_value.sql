with customers as (

    select * from {{ ref('feat_customer_orders') }}

),

-- equal values share a tier, so values are ranked instead of customers
net_values as (

    select
        net_revenue,
        sum(greatest(net_revenue, 0)) as value_of_group
    from customers
    where order_count > 0
    group by net_revenue

),

cumulated as (

    select
        net_revenue,
        sum(value_of_group) over (
            order by net_revenue desc
            rows between unbounded preceding and current row
        ) - value_of_group as value_before,
        sum(value_of_group) over () as total_value
    from net_values

),

tiers as (

    select
        net_revenue,
        {{ value_tier('net_revenue', 'value_before', 'total_value') }} as value_tier
    from cumulated

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
