{{ config(meta=versions_of('customers')) }}

with {{ landed_cte('customers') }},

{{ typed_cte('customers') }},

{{ checked_cte('customers') }}

select * from checked
