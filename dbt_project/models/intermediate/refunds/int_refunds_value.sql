{{ config(materialized='table') }}

with refunds as (

    select * from {{ ref('int_refunds_convert') }}

),

cost_credits as (

    select * from {{ ref('int_refunds_credit_cost') }}

),

orders as (

    select * from {{ ref('int_orders_value') }}

),

order_lines as (

    select * from {{ ref('int_order_lines_value') }}

),

delivered_refunds as (

    select
        refunds.refund_id,
        refunds.order_id,
        refunds.line_id,
        refunds.customer_id,
        'refund' as kind,
        refunds.reason,
        refunds.own_currency,
        refunds.currency,
        refunds.delivered_amount,
        case when refunds.is_counted then refunds.value_amount else 0 end as amount,
        coalesce(cost_credits.cost_credit, 0) as cost_credit,
        refunds.is_known_order,
        refunds.is_counted,
        refunds.is_excluded,
        refunds.order_date,
        refunds.delivered_refund_date,
        refunds.refund_date,
        refunds.refunded_at
    from refunds
    left join cost_credits
        on refunds.refund_id = cost_credits.refund_id

),

return_lines as (

    select
        {{ return_id('order_lines.order_id', 'order_lines.line_id') }} as refund_id,
        order_lines.order_id,
        order_lines.line_id,
        order_lines.customer_id,
        'return_line' as kind,
        cast(null as varchar) as reason,
        orders.currency as own_currency,
        orders.currency,
        abs(order_lines.delivered_amount) as delivered_amount,
        order_lines.returned_amount as amount,
        order_lines.returned_cost as cost_credit,
        true as is_known_order,
        order_lines.is_counted,
        order_lines.is_excluded,
        order_lines.order_date,
        order_lines.order_date as delivered_refund_date,
        order_lines.order_date as refund_date,
        order_lines.ordered_at as refunded_at
    from order_lines
    inner join orders
        on order_lines.order_id = orders.order_id
    where order_lines.is_return

),

-- an order without lines and with a negative subtotal
return_orders as (

    select
        {{ return_id('order_id', "''") }} as refund_id,
        order_id,
        cast(null as varchar) as line_id,
        customer_id,
        'return_order' as kind,
        cast(null as varchar) as reason,
        currency as own_currency,
        currency,
        abs(delivered_amount) as delivered_amount,
        returned_amount as amount,
        {{ money('returned_amount', '1 - ' ~ var('default_margin_rate')) }} as cost_credit,
        true as is_known_order,
        is_return_document as is_counted,
        is_excluded,
        order_date,
        order_date as delivered_refund_date,
        order_date as refund_date,
        ordered_at as refunded_at
    from orders
    where
        is_without_lines
        and delivered_amount < 0

),

returned_of_orders as (

    select
        order_id,
        sum(amount) as amount
    from return_lines
    group by order_id

),

-- the status says that the money went back, and no refund does: all of the order, on the day that it was last changed
refunds_by_status as (

    select
        {{ return_id('orders.order_id', "'refunded'") }} as refund_id,
        orders.order_id,
        cast(null as varchar) as line_id,
        orders.customer_id,
        'status' as kind,
        delivered_orders.delivered_status as reason,
        orders.currency as own_currency,
        orders.currency,
        orders.delivered_amount,
        orders.gross_revenue - orders.discounts - coalesce(returned_of_orders.amount, 0) as amount,
        0 as cost_credit,
        true as is_known_order,
        true as is_counted,
        orders.is_excluded,
        orders.order_date,
        greatest(
            orders.order_date, coalesce({{ business_date('delivered_orders.updated_at') }}, orders.order_date)
        ) as delivered_refund_date,
        greatest(
            orders.order_date, coalesce({{ business_date('delivered_orders.updated_at') }}, orders.order_date)
        ) as refund_date,
        coalesce(delivered_orders.updated_at, orders.ordered_at) as refunded_at
    from orders
    inner join {{ ref('stg_orders') }} as delivered_orders
        on
            orders.order_id = delivered_orders.order_id
            and delivered_orders.is_refunded
    left join refunds
        on orders.order_id = refunds.order_id
    left join returned_of_orders
        on orders.order_id = returned_of_orders.order_id
    where
        orders.is_valid
        and orders.gross_revenue > orders.discounts + coalesce(returned_of_orders.amount, 0)
        and refunds.refund_id is null

),

unioned as (

    select * from delivered_refunds
    union all
    select * from return_lines
    union all
    select * from return_orders
    union all
    select * from refunds_by_status

),

final as (

    select
        refund_id,
        order_id,
        line_id,
        customer_id,
        kind,
        reason,
        own_currency,
        currency,
        cast(delivered_amount as decimal(18, 2)) as delivered_amount,
        cast(amount as decimal(18, 2)) as amount,
        cast(cost_credit as decimal(18, 2)) as cost_credit,
        is_known_order,
        is_counted,
        is_excluded,
        order_date,
        delivered_refund_date,
        refund_date,
        refunded_at
    from unioned

)

select * from final
