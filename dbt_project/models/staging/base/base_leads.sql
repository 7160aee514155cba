{{ config(meta=versions_of('leads')) }}

with {{ landed_cte('leads') }},

{{ typed_cte('leads') }},

{{ checked_cte('leads') }}

select * from checked
