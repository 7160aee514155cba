{#- numerator / denominator in double precision; null over nothing. -#}
{% macro ratio(numerator, denominator) -%}
cast({{ numerator }} as double precision) / nullif(cast({{ denominator }} as double precision), 0)
{%- endmacro %}
