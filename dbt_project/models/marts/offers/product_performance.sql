{%- set windows = [30, 90, 365] %}

with order_lines as (

    select * from {{ ref('feat_order_lines') }}
    where product_id is not null

),

refunds as (

    select * from {{ ref('feat_refunds') }}
    where line_id is not null

),

windows as (

    {% for days in windows %}
    select {{ days }} as window_days, {{ add_days(as_of_date(), 0 - days) }} as starts_after
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

sold as (

    select * from order_lines
    where
        not is_return
        and quantity > 0

),

basket_sizes as (

    select
        order_id,
        count(distinct product_id) as product_count
    from sold
    group by order_id

),

order_products as (

    select
        sold.product_id,
        sold.order_id,
        min(sold.customer_id) as customer_id,
        min(sold.order_date) as order_date,
        max(basket_sizes.product_count) as product_count,
        sum(sold.quantity) as quantity,
        sum(sold.gross_revenue) as gross_revenue,
        sum(sold.discounts) as discounts,
        sum(sold.cost) as cost
    from sold
    inner join basket_sizes
        on sold.order_id = basket_sizes.order_id
    group by sold.product_id, sold.order_id

),

sales as (

    select
        windows.window_days,
        order_products.product_id,
        count(*) as order_count,
        sum(case when order_products.product_count > 1 then 1 else 0 end) as attached_orders,
        sum(order_products.quantity) as quantity,
        sum(order_products.gross_revenue) as gross_revenue,
        sum(order_products.discounts) as discounts,
        sum(order_products.cost) as cost
    from order_products
    inner join windows
        on order_products.order_date > windows.starts_after
    group by windows.window_days, order_products.product_id

),

customer_sales as (

    select
        windows.window_days,
        order_products.product_id,
        order_products.customer_id,
        count(distinct order_products.order_date) as purchase_days
    from order_products
    inner join windows
        on order_products.order_date > windows.starts_after
    where order_products.customer_id is not null
    group by windows.window_days, order_products.product_id, order_products.customer_id

),

buyers as (

    select
        window_days,
        product_id,
        count(*) as buyers,
        sum(case when purchase_days > 1 then 1 else 0 end) as repeat_buyers
    from customer_sales
    group by window_days, product_id

),

given_back as (

    select
        windows.window_days,
        order_lines.product_id,
        sum(refunds.amount) as returned_amount,
        sum(refunds.cost_credit) as cost_credit
    from refunds
    inner join order_lines
        on
            refunds.order_id = order_lines.order_id
            and refunds.line_id = order_lines.line_id
    inner join windows
        on refunds.refund_date > windows.starts_after
    group by windows.window_days, order_lines.product_id

),

moved as (

    select
        coalesce(sales.window_days, given_back.window_days) as window_days,
        coalesce(sales.product_id, given_back.product_id) as product_id,
        coalesce(sales.order_count, 0) as order_count,
        coalesce(sales.attached_orders, 0) as attached_orders,
        coalesce(sales.quantity, 0) as quantity,
        coalesce(sales.gross_revenue, 0) as gross_revenue,
        coalesce(sales.discounts, 0) as discounts,
        coalesce(sales.cost, 0) - coalesce(given_back.cost_credit, 0) as cost,
        coalesce(given_back.returned_amount, 0) as returned_amount
    from sales
    full outer join given_back
        on
            sales.window_days = given_back.window_days
            and sales.product_id = given_back.product_id

),

final as (

    select
        cast(moved.product_id as varchar) as product_id,
        cast(moved.window_days as integer) as window_days,
        cast(moved.order_count as bigint) as order_count,
        cast(coalesce(buyers.buyers, 0) as bigint) as buyers,
        cast(coalesce(buyers.repeat_buyers, 0) as bigint) as repeat_buyers,
        cast(moved.quantity as double precision) as quantity,
        cast(moved.gross_revenue - moved.discounts - moved.returned_amount as decimal(18, 2)) as goods_revenue,
        cast(
            moved.gross_revenue - moved.discounts - moved.returned_amount - moved.cost as decimal(18, 2)
        ) as goods_margin,
        cast(moved.returned_amount as decimal(18, 2)) as returned_amount,
        cast(
            {{ ratio('moved.returned_amount', 'moved.gross_revenue - moved.discounts') }} as double precision
        ) as return_rate,
        cast({{ ratio('buyers.repeat_buyers', 'buyers.buyers') }} as double precision) as repeat_buyer_share,
        cast({{ ratio('moved.attached_orders', 'moved.order_count') }} as double precision) as attach_rate,
        {{ as_of_date() }} as as_of_date
    from moved
    left join buyers
        on
            moved.window_days = buyers.window_days
            and moved.product_id = buyers.product_id

)

select * from final
