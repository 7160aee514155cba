{{ config(meta=versions_of('interactions')) }}

with {{ landed_cte('interactions') }},

{{ typed_cte('interactions') }},

{{ checked_cte('interactions') }}

select * from checked
