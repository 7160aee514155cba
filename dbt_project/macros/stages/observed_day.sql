{#- The day of an observation in a model of the materialization month_ends: a date that stands for each month end in turn. -#}
{% macro observed_day() -%}
date '0001-01-01'
{%- endmacro %}
