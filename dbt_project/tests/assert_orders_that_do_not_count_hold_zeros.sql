-- Detects: an order that is not valid but adds to a figure.
-- Usual cause: a new amount that was not tied to the order's validity.
-- A row: such an order. Only a return document may hold refunds and the cost that comes back with them.
{{ config(tags=['candidate']) }}

with orders as (

    select * from {{ ref('fct_orders') }}

),

final as (

    select order_id
    from orders
    where
        not is_valid
        and (
            gross_revenue <> 0
            or discounts <> 0
            or order_number is not null
            or is_first_order
            or ((refunds <> 0 or cost <> 0) and (is_excluded or not is_return_document))
        )

)

select * from final
