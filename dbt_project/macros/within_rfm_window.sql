{#- The condition that a date lies within the last `rfm_window_days` days up to D; nothing where the window is all history. -#}
{% macro within_rfm_window(date_column) -%}
{%- if var('rfm_window_days') is not none -%}
and {{ days_between(date_column, as_of_date()) }} < {{ var('rfm_window_days') }}
{%- endif -%}
{%- endmacro %}
