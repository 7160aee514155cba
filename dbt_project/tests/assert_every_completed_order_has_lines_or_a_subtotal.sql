-- Detects: completed orders without a line and without a subtotal: they count as orders of nothing.
-- Usual cause: a mapping that leaves out subtotal_amount. Map it, for instance by
-- `subtotal_amount: {expr: "total_amount - tax_amount - shipping_amount"}`.
-- A row: a source. The failures are the orders.
{{ config(tags=['state'], severity='warn', fail_calc='coalesce(sum(order_count), 0)') }}

with valued as (

    select * from {{ ref('int_orders_value') }}
    where
        is_valid
        and is_without_lines

),

orders as (

    select * from {{ ref('stg_orders') }}
    where subtotal_amount is null

),

final as (

    select
        {{ source_name('valued.order_id') }} as source,
        count(*) as order_count
    from valued
    inner join orders
        on valued.order_id = orders.order_id
    group by {{ source_name('valued.order_id') }}

)

select * from final
