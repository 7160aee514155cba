{{ config(materialized='table') }}

with refunds as (

    select * from {{ ref('stg_refunds') }}

),

orders as (

    select * from {{ ref('int_orders_value') }}

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
    {{ join_rates('orders.currency', 'greatest(refunds.refund_date, orders.order_date)') }}

),

final as (

    select
        *,
        {{ money('refund_amount') }} as delivered_amount,
        {{ money('refund_amount', 'exchange_rate') }} as value_amount
    from rated

)

select * from final
