{{ config(materialized='table') }}

with refunds as (

    select * from {{ ref('stg_refunds') }}

),

orders as (

    select * from {{ ref('int_orders_value') }}

),

order_lines as (

    select * from {{ ref('int_order_lines_value') }}

),

rates as (

    select * from {{ ref('base_reporting_rates') }}

),

-- a refund without a currency is in that of its order, at the rate of the refund's day
rated as (

    select
        refunds.refund_id,
        refunds.order_id,
        refunds.line_id,
        orders.customer_id,
        refunds.reason,
        refunds.currency as own_currency,
        coalesce(refunds.currency, orders.currency) as currency,
        abs(refunds.amount) as refund_amount,
        coalesce(
            refunds.exchange_rate,
            case when orders.currency = '{{ reporting_currency() }}' then 1 end,
            rates.exchange_rate,
            last_rates.exchange_rate
        ) as exchange_rate,
        orders.order_id is not null as is_known_order,
        coalesce(orders.is_sale or orders.is_return_document, false) as is_countable,
        coalesce(orders.is_excluded, false) as is_excluded,
        orders.order_date,
        refunds.refund_date as delivered_refund_date,
        -- a refund cannot be booked before the order that it belongs to
        greatest(refunds.refund_date, coalesce(orders.order_date, refunds.refund_date)) as refund_date,
        refunds.refunded_at
    from refunds
    left join orders
        on refunds.order_id = orders.order_id
    left join rates
        on
            orders.currency = rates.currency
            and greatest(refunds.refund_date, orders.order_date) = rates.rate_day
    left join rates as last_rates
        on
            orders.currency = last_rates.currency
            and last_rates.is_last
            and greatest(refunds.refund_date, orders.order_date) > last_rates.rate_day

),

delivered as (

    select
        *,
        {{ money('refund_amount') }} as delivered_amount,
        {{ money('refund_amount', 'exchange_rate') }} as value_amount
    from rated

),

-- what the customer paid for a line, and what of it earlier refunds have given back
naming_a_line as (

    select
        delivered.refund_id,
        order_lines.cost as line_cost,
        order_lines.gross_revenue - order_lines.discounts as paid_amount,
        sum(delivered.value_amount) over (
            partition by delivered.order_id, delivered.line_id
            order by delivered.refund_date, delivered.refunded_at, delivered.refund_id
            rows between unbounded preceding and current row
        ) as refunded_so_far,
        delivered.value_amount
    from delivered
    inner join order_lines
        on
            delivered.order_id = order_lines.order_id
            and delivered.line_id = order_lines.line_id
    where delivered.is_countable

),

with_refunds_before as (

    select
        *,
        refunded_so_far - value_amount as refunded_before
    from naming_a_line

),

-- the cost comes back in proportion to the money, and never more than once
cost_credits as (

    select
        refund_id,
        {{ prorated('line_cost', 'least(refunded_so_far, paid_amount)', 'paid_amount') }}
        - {{ prorated('line_cost', 'least(refunded_before, paid_amount)', 'paid_amount') }} as cost_credit
    from with_refunds_before

),

delivered_refunds as (

    select
        delivered.refund_id,
        delivered.order_id,
        delivered.line_id,
        delivered.customer_id,
        'refund' as kind,
        delivered.reason,
        delivered.own_currency,
        delivered.currency,
        delivered.delivered_amount,
        case when delivered.is_countable then delivered.value_amount else 0 end as amount,
        coalesce(cost_credits.cost_credit, 0) as cost_credit,
        delivered.is_known_order,
        delivered.is_countable,
        delivered.is_excluded,
        delivered.order_date,
        delivered.delivered_refund_date,
        delivered.refund_date,
        delivered.refunded_at
    from delivered
    left join cost_credits
        on delivered.refund_id = cost_credits.refund_id

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
        order_lines.is_countable,
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
        is_return_document as is_countable,
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

unioned as (

    select * from delivered_refunds
    union all
    select * from return_lines
    union all
    select * from return_orders

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
        is_countable,
        is_excluded,
        order_date,
        delivered_refund_date,
        refund_date,
        refunded_at
    from unioned

)

select * from final
