-- Detects: order numbers that do not run from 1 to the number of valid orders of a customer at D.
-- Usual cause: orders numbered by another order than that of their days, so that D cuts a hole into the numbers.
-- A row: a customer.
{{ config(tags=['candidate']) }}

with orders as (

    select * from {{ ref('fct_orders') }}
    where customer_id is not null

),

final as (

    select customer_id
    from orders
    group by customer_id
    having
        coalesce(max(order_number), 0) <> sum(case when is_valid then 1 else 0 end)
        or count(order_number) <> sum(case when is_valid then 1 else 0 end)
        or sum(case when is_first_order then 1 else 0 end) <> max(case when is_valid then 1 else 0 end)

)

select * from final
