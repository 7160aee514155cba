{{ config(meta=versions_of('categories')) }}

with {{ landed_cte('categories') }},

{{ typed_cte('categories') }},

{{ checked_cte('categories') }}

select * from checked
