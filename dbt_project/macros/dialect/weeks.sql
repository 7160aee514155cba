{#- The Monday of the week of a date. -#}
{% macro week_start(day) -%}
    {{ add_days(day, '1 - ' ~ iso_day_of_week(day)) }}
{%- endmacro %}
