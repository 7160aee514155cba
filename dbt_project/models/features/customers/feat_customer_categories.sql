with order_lines as (

    select * from {{ ref('feat_order_lines') }}
    where
        customer_id is not null
        and product_id is not null

),

orders as (

    select * from {{ ref('feat_orders') }}
    where customer_id is not null

),

refunds as (

    select * from {{ ref('feat_refunds') }}
    where customer_id is not null

),

product_categories as (

    select * from {{ ref('int_products_list_categories') }}

),

-- what was given back of the order as a whole is taken off its lines by their value, like the order's own discount
refunds_of_orders as (

    select
        order_id,
        sum(amount) as amount
    from refunds
    where line_id is null
    group by order_id

),

refunds_of_lines as (

    select
        order_id,
        line_id,
        sum(amount) as amount
    from refunds
    where line_id is not null
    group by order_id, line_id

),

sold as (

    select
        order_lines.customer_id,
        order_lines.product_id,
        order_lines.order_id,
        order_lines.ordered_at,
        order_lines.gross_revenue - order_lines.discounts
        - {{ prorated(
            'orders.order_discount + coalesce(refunds_of_orders.amount, 0)',
            'order_lines.gross_revenue',
            'orders.gross_revenue'
        ) }} as amount
    from order_lines
    inner join orders
        on order_lines.order_id = orders.order_id
    left join refunds_of_orders
        on order_lines.order_id = refunds_of_orders.order_id
    where not order_lines.is_return

),

given_back as (

    select
        order_lines.customer_id,
        order_lines.product_id,
        0 - refunds_of_lines.amount as amount
    from refunds_of_lines
    inner join order_lines
        on
            refunds_of_lines.order_id = order_lines.order_id
            and refunds_of_lines.line_id = order_lines.line_id

),

movements as (

    select
        customer_id,
        product_id,
        order_id,
        ordered_at,
        amount
    from sold
    union all
    select
        customer_id,
        product_id,
        null as order_id,
        null as ordered_at,
        amount
    from given_back

),

-- a number, because grouping millions of lines by a long path costs twice as much
categories as (

    select
        level,
        path,
        min(category_name) as category_name,
        row_number() over (order by level asc, path asc) as category_number
    from product_categories
    group by level, path

),

placed as (

    select
        product_categories.product_id,
        categories.category_number
    from product_categories
    inner join categories
        on
            product_categories.level = categories.level
            and product_categories.path = categories.path

),

-- who only gave back has bought nothing of it here
bought as (

    select
        movements.customer_id,
        placed.category_number,
        count(distinct movements.order_id) as order_count,
        max(movements.ordered_at) as last_ordered_at,
        sum(movements.amount) as net_revenue
    from movements
    inner join placed
        on movements.product_id = placed.product_id
    group by movements.customer_id, placed.category_number
    having count(movements.order_id) > 0

),

final as (

    select
        bought.customer_id,
        categories.level,
        categories.path,
        categories.category_name,
        bought.order_count,
        cast(bought.net_revenue as decimal(18, 2)) as net_revenue,
        row_number() over (
            partition by bought.customer_id, categories.level
            order by
                bought.net_revenue desc,
                bought.order_count desc,
                bought.last_ordered_at desc,
                categories.path asc
        ) as place
    from bought
    inner join categories
        on bought.category_number = categories.category_number

)

select * from final
