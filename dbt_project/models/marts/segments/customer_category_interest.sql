with customers as (

    select * from {{ ref('feat_customers_known') }}

),

categories as (

    select * from {{ ref('feat_customer_categories') }}

),

totals as (

    select
        *,
        count(*) over (partition by customer_id, level) as category_count,
        sum(greatest(net_revenue, 0)) over (partition by customer_id, level) as all_net_revenue
    from categories

),

tops as (

    select * from totals
    where place = 1

),

-- whose interest is unknown has a row as well, at the top level
final as (

    select
        cast(customers.customer_id as varchar) as customer_id,
        cast(tops.category_name as varchar) as category_name,
        cast(tops.path as varchar) as path,
        cast(coalesce(tops.level, 1) as integer) as level,
        cast(coalesce(tops.category_count, 0) as bigint) as category_count,
        cast(coalesce(tops.order_count, 0) as bigint) as order_count,
        cast(coalesce(tops.net_revenue, 0) as decimal(18, 2)) as net_revenue,
        cast({{ ratio('tops.net_revenue', 'tops.all_net_revenue') }} as double precision) as share_of_revenue,
        {{ as_of_date() }} as as_of_date
    from customers
    left join tops
        on customers.customer_id = tops.customer_id

)

select * from final
