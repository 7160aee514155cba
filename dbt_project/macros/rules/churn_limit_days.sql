{#- Days without a purchase after which a customer of that cadence is churned. The argument must not be null. -#}
{% macro churn_limit_days(cadence_days) -%}
least(
    greatest({{ var('churn_floor_days') }}, {{ var('churn_cadence_factor') }} * {{ cadence_days }}),
    {{ var('churn_ceiling_days') }}
)
{%- endmacro %}
