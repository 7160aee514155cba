{{ config(meta=versions_of('loyalty_transactions')) }}

with {{ landed_cte('loyalty_transactions') }},

{{ typed_cte('loyalty_transactions') }},

{{ checked_cte('loyalty_transactions') }}

select * from checked
