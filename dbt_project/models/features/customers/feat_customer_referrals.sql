{{ config(materialized='view') }}

with customers as (

    select * from {{ ref('feat_customers_known') }}
    where referrer_customer_id is not null

),

orders as (

    select * from {{ ref('feat_customer_orders') }}

),

-- what those whom they brought have brought themselves is not counted again
final as (

    select
        customers.referrer_customer_id as customer_id,
        count(*) as referred_customers,
        sum(orders.net_revenue) as referred_net_revenue,
        sum(orders.margin) as referred_margin
    from customers
    inner join orders
        on customers.customer_id = orders.customer_id
    group by customers.referrer_customer_id

)

select * from final
