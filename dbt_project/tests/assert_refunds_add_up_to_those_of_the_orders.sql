-- Detects: refunds that fct_orders and fct_refunds do not share.
-- Usual cause: a refund of an order that is not published at D, or of an order that never counted.
-- A row: the two sums that differ.
{{ config(tags=['candidate']) }}

with order_total as (

    select coalesce(sum(refunds), 0) as refunds
    from {{ ref('fct_orders') }}

),

refund_total as (

    select coalesce(sum(amount), 0) as refunds
    from {{ ref('fct_refunds') }}

),

final as (

    select
        order_total.refunds as refunds_of_orders,
        refund_total.refunds
    from order_total
    cross join refund_total
    where order_total.refunds <> refund_total.refunds

)

select * from final
