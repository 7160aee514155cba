{{ config(meta=versions_of('accounts')) }}

with {{ landed_cte('accounts') }},

{{ typed_cte('accounts') }},

{{ checked_cte('accounts') }}

select * from checked
