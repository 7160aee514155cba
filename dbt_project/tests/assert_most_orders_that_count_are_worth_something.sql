-- Detects: a source of whose orders that count more than a share is worth nothing: revenue that is not there.
-- Usual cause: no column of amounts is mapped (subtotal_amount, total_amount), order lines without prices, a sheet
-- whose formulas have no values. Where so many orders are free, raise the var max_worthless_order_share.
-- A row: a source, how many orders count, and how many of them are worth nothing.
{{ config(tags=['state']) }}

with orders as (

    select * from {{ ref('int_orders_value') }}
    where
        is_valid
        and not is_excluded

),

final as (

    select
        {{ source_name('order_id') }} as source,
        count(*) as order_total,
        sum(case when gross_revenue = 0 then 1 else 0 end) as worthless_total
    from orders
    group by {{ source_name('order_id') }}
    having sum(case when gross_revenue = 0 then 1 else 0 end) > {{ var('max_worthless_order_share') }} * count(*)

)

select * from final
