{{ config(meta=versions_of('product_categories')) }}

with {{ landed_cte('product_categories') }},

{{ typed_cte('product_categories') }},

{{ checked_cte('product_categories') }}

select * from checked
