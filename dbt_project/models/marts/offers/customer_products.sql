with bought as (

    select * from {{ ref('feat_customer_products') }}
    where
        observed_on = {{ as_of_date() }}
        and purchase_days > 0

),

products as (

    select * from {{ ref('feat_products') }}
    where not is_non_product

),

customers as (

    select * from {{ ref('feat_customers_known') }}

),

ranked as (

    select
        bought.customer_id,
        bought.product_id,
        bought.order_count,
        bought.quantity,
        bought.gross_revenue,
        bought.last_order_date,
        row_number() over (
            partition by bought.customer_id
            order by bought.order_count desc, bought.last_order_date desc, bought.product_id asc
        ) as frequency_rank,
        row_number() over (
            partition by bought.customer_id
            order by bought.gross_revenue desc, bought.last_order_date desc, bought.product_id asc
        ) as value_rank
    from bought
    inner join products
        on bought.product_id = products.product_id
    inner join customers
        on bought.customer_id = customers.customer_id

),

final as (

    select
        cast(customer_id as varchar) as customer_id,
        cast(product_id as varchar) as product_id,
        cast(order_count as bigint) as order_count,
        cast(quantity as double precision) as quantity,
        cast(gross_revenue as decimal(18, 2)) as gross_revenue,
        cast(frequency_rank as integer) as frequency_rank,
        cast(value_rank as integer) as value_rank,
        frequency_rank <= 5 as is_frequent,
        value_rank <= 5 as is_dear,
        cast(last_order_date as date) as last_order_date,
        {{ as_of_date() }} as as_of_date
    from ranked
    where
        frequency_rank <= 5
        or value_rank <= 5

)

select * from final
