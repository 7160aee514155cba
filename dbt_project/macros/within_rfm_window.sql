{#- Whether a date lies within the last `rfm_window_days` days up to D; always, where the window is all history. -#}
{% macro within_rfm_window(date_column) -%}
{%- if var('rfm_window_days') is none -%}
true
{%- else -%}
{{ days_between(date_column, as_of_date()) }} < {{ var('rfm_window_days') }}
{%- endif -%}
{%- endmacro %}
