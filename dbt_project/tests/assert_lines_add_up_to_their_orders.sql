-- Detects: order amounts that are not the sums of the lines, the orders' own discounts and the orders without lines.
-- Usual cause: a line that joins two orders or products, or a rounding above line level.
-- A row: the sums that differ.
{{ config(tags=['candidate']) }}

with line_total as (

    select
        coalesce(sum(gross_revenue), 0) as gross_revenue,
        coalesce(sum(discounts), 0) as discounts
    from {{ ref('fct_order_lines') }}

),

without_lines_total as (

    select coalesce(sum(orders.gross_revenue), 0) as gross_revenue
    from {{ ref('fct_orders') }} as orders
    inner join {{ ref('int_orders_value') }} as valued
        on orders.order_id = valued.order_id
    where valued.is_without_lines

),

order_total as (

    select
        coalesce(sum(gross_revenue), 0) as gross_revenue,
        coalesce(sum(discounts), 0) as discounts,
        coalesce(sum(order_discount), 0) as order_discount
    from {{ ref('fct_orders') }}

),

final as (

    select
        order_total.*,
        line_total.gross_revenue as line_gross_revenue,
        line_total.discounts as line_discounts
    from order_total
    cross join line_total
    cross join without_lines_total
    where
        order_total.gross_revenue <> line_total.gross_revenue + without_lines_total.gross_revenue
        or order_total.discounts <> line_total.discounts + order_total.order_discount

)

select * from final
