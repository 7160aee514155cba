{#- amount / count in cents, rounded once as all money is; null over nothing. A division of doubles would decide half cents
    by its noise: 0.29 / 2 is 0.15, not 0.14. -#}
{% macro amount_per(amount, count) -%}
    case when {{ count }} > 0 then {{ prorated(amount, '1', count) }} end
{%- endmacro %}
