with order_lines as (

    select * from {{ ref('order_line_values') }}
    where
        customer_id is not null
        and product_id is not null
        and order_date <= {{ as_of_date() }}

),

orders as (

    select * from {{ ref('order_values') }}
    where
        is_valid
        and customer_id is not null
        and order_date <= {{ as_of_date() }}

),

refunds as (

    select * from {{ ref('refund_values') }}
    where
        counts
        and customer_id is not null
        and is_known_order
        and order_date <= {{ as_of_date() }}
        and delivered_refund_date <= {{ as_of_date() }}

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
    where
        order_lines.counts
        and not order_lines.is_return

),

given_back as (

    select
        order_lines.customer_id,
        order_lines.product_id,
        -refunds_of_lines.amount as amount
    from refunds_of_lines
    inner join order_lines
        on
            refunds_of_lines.order_id = order_lines.order_id
            and refunds_of_lines.line_id = order_lines.line_id

),

-- products first: a customer's many lines of one product are placed in the tree once
products_sold as (

    select
        customer_id,
        product_id,
        sum(amount) as amount
    from (
        select
            customer_id,
            product_id,
            amount
        from sold
        union all
        select
            customer_id,
            product_id,
            amount
        from given_back
    ) as movements
    group by customer_id, product_id

),

amounts as (

    select
        products_sold.customer_id,
        product_categories.level,
        product_categories.path,
        min(product_categories.category_name) as category_name,
        sum(products_sold.amount) as net_revenue
    from products_sold
    inner join product_categories
        on products_sold.product_id = product_categories.product_id
    group by products_sold.customer_id, product_categories.level, product_categories.path

),

orders_counted as (

    select
        sold.customer_id,
        product_categories.level,
        product_categories.path,
        count(distinct sold.order_id) as order_count,
        max(sold.ordered_at) as last_ordered_at
    from sold
    inner join product_categories
        on sold.product_id = product_categories.product_id
    group by sold.customer_id, product_categories.level, product_categories.path

),

-- who only gave back has bought nothing of it here
final as (

    select
        amounts.customer_id,
        amounts.level,
        amounts.path,
        amounts.category_name,
        orders_counted.order_count,
        cast(amounts.net_revenue as decimal(18, 2)) as net_revenue,
        row_number() over (
            partition by amounts.customer_id, amounts.level
            order by
                amounts.net_revenue desc,
                orders_counted.order_count desc,
                orders_counted.last_ordered_at desc,
                amounts.path asc
        ) as place
    from amounts
    inner join orders_counted
        on
            amounts.customer_id = orders_counted.customer_id
            and amounts.level = orders_counted.level
            and amounts.path = orders_counted.path

)

select * from final
