{{ config(materialized='table') }}
{%- set share = ' * goods / nullif(goods_with_tax, 0)' %}
{%- set goods_of_refund = 'cast(' ~ widen('refund_amount') ~ share ~ ' as decimal(28, 8))' %}

with refunds as (

    select * from {{ ref('stg_refunds') }}

),

orders as (

    select * from {{ ref('int_orders_value') }}

),

rates as (

    select * from {{ ref('base_reporting_rates') }}

),

-- what of an order was goods, after its discount, and what tax and shipping
bases as (

    select
        order_id,
        coalesce(
            total_amount - coalesce(tax_amount, 0) - coalesce(shipping_amount, 0),
            subtotal_amount - abs(coalesce(discount_amount, 0))
        ) as goods,
        coalesce(tax_amount, 0) + coalesce(shipping_amount, 0) as tax_and_shipping
    from {{ ref('stg_orders') }}

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
        -- not stated, a refund holds tax and shipping if it is more than the goods; another currency does not show it
        coalesce(
            refunds.amount_includes_tax,
            coalesce(refunds.currency, orders.currency) = orders.currency and abs(refunds.amount) > bases.goods,
            false
        )
        and bases.goods > 0
        and bases.tax_and_shipping > 0 as is_with_tax,
        bases.goods,
        bases.goods + bases.tax_and_shipping as goods_with_tax,
        coalesce(
            refunds.exchange_rate,
            case when orders.currency = '{{ reporting_currency() }}' then 1 end,
            rates.exchange_rate,
            last_rates.exchange_rate
        ) as exchange_rate,
        orders.order_id is not null as is_known_order,
        coalesce(orders.is_valid or orders.is_return_document, false) as is_counted,
        coalesce(orders.is_excluded, false) as is_excluded,
        orders.order_date,
        refunds.refund_date as delivered_refund_date,
        -- a refund cannot be booked before the order that it belongs to
        greatest(refunds.refund_date, coalesce(orders.order_date, refunds.refund_date)) as refund_date,
        refunds.refunded_at
    from refunds
    left join orders
        on refunds.order_id = orders.order_id
    left join bases
        on refunds.order_id = bases.order_id
    {{ join_rates('orders.currency', 'greatest(refunds.refund_date, orders.order_date)') }}

),

final as (

    select
        *,
        {{ money('refund_amount') }} as delivered_amount,
        -- the division is cut at 8 decimals, as in prorated()
        case
            when is_with_tax
                then {{ money(goods_of_refund, 'exchange_rate') }}
            else {{ money('refund_amount', 'exchange_rate') }}
        end as value_amount
    from rated

)

select * from final
