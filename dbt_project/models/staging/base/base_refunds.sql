{{ config(meta=versions_of('refunds')) }}

with {{ landed_cte('refunds') }},

{{ typed_cte('refunds') }},

dated as not materialized (

    select
        *,
        {{ business_date('refunded_at') }} as refund_date
    from typed

),

{{ rated_ctes('dated', day='refund_date') }},

{% set problems = {
    'refunded_at': when_before_1970('refunded_at'),
    'currency': "when currency is not null and exchange_rate is null then 'currency has no exchange rate'",
} -%}

{{ checked_cte('refunds', 'rated', problems) }}

select * from checked
