{#- The value of a group that comes first by a number, nulls left out. -#}
{% macro first_value_by(expression, number) -%}
    {{ return(adapter.dispatch('first_value_by')(expression, number)) }}
{%- endmacro %}


{% macro default__first_value_by(expression, number) -%}
    (array_agg({{ expression }} order by {{ number }}) filter (where {{ expression }} is not null))[1]
{%- endmacro %}


{% macro duckdb__first_value_by(expression, number) -%}
    arg_min({{ expression }}, {{ number }}) filter (where {{ expression }} is not null)
{%- endmacro %}


{% macro spark__first_value_by(expression, number) -%}
    min_by({{ expression }}, {{ number }}) filter (where {{ expression }} is not null)
{%- endmacro %}
