{{ config(meta=versions_of('opportunities')) }}

with {{ landed_cte('opportunities') }},

{{ typed_cte('opportunities') }},

dated as not materialized (

    select
        *,
        {{ business_date('created_at') }} as created_date
    from typed

),

{{ rated_ctes('dated', day='created_date') }},

{% set problems = {
    'currency': "when currency is null and amount is not null then 'currency is missing'
            when exchange_rate is null and amount is not null then 'currency has no exchange rate'",
} -%}

{{ checked_cte('opportunities', 'rated', problems) }}

select * from checked
