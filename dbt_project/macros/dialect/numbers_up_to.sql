{#- One row for each whole number from 1 to an expression, which is at least 1; stands in a select list. -#}
{% macro numbers_up_to(last) -%}
    {{ return(adapter.dispatch('numbers_up_to')(last)) }}
{%- endmacro %}


{% macro default__numbers_up_to(last) -%}
    generate_series(1, cast({{ last }} as integer))
{%- endmacro %}


{% macro duckdb__numbers_up_to(last) -%}
    unnest(range(1, {{ last }} + 1))
{%- endmacro %}


{% macro spark__numbers_up_to(last) -%}
    explode(sequence(1, cast({{ last }} as integer)))
{%- endmacro %}
