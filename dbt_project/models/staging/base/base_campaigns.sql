{{ config(meta=versions_of('campaigns')) }}

with {{ landed_cte('campaigns') }},

{{ typed_cte('campaigns') }},

dated as not materialized (

    select
        *,
        {{ business_date('started_at') }} as start_date
    from typed

),

{{ rated_ctes('dated', day='start_date', undated=true) }},

{% set problems = {
    'currency': "when currency is null and cost_amount is not null then 'currency is missing'
            when exchange_rate is null and cost_amount is not null then 'currency has no exchange rate'",
} -%}

{{ checked_cte('campaigns', 'rated', problems) }}

select * from checked
