{{ config(meta=versions_of('exchange_rates')) }}

with {{ landed_cte('exchange_rates') }},

{{ typed_cte('exchange_rates') }},

{{ checked_cte('exchange_rates', problems={'rate': "when rate <= 0 then 'rate is not positive'"}) }}

select * from checked
