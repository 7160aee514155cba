{{ config(meta=versions_of('order_lines')) }}

with {{ landed_cte('order_lines') }},

{{ typed_cte('order_lines') }},

{% set problems = {
    'discount_amount': "when amount is null and abs(cast(quantity as double precision) * unit_price) >= 1e12
                then 'unit_price is too large for the quantity'",
} -%}

{{ checked_cte('order_lines', problems=problems) }}

select * from checked
