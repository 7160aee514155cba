{{ config(meta=versions_of('products')) }}

with {{ landed_cte('products') }},

{{ typed_cte('products') }},

-- a price list has no day
{{ rated_ctes('typed', day=none) }},

{{ checked_cte('products', 'rated') }}

select * from checked
