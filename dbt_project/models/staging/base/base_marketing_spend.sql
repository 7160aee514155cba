{{ config(meta=versions_of('marketing_spend')) }}

with {{ landed_cte('marketing_spend') }},

{{ typed_cte('marketing_spend') }},

{{ rated_ctes('typed', day='spend_date') }},

{% set problems = {
    'currency': "when currency is null then 'currency is missing'
            when exchange_rate is null then 'currency has no exchange rate'",
} -%}

{{ checked_cte('marketing_spend', 'rated', problems) }}

select * from checked
