{{ config(meta=versions_of('tickets')) }}

with {{ landed_cte('tickets') }},

{{ typed_cte('tickets') }},

{{ checked_cte('tickets') }}

select * from checked
