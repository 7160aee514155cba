{#- At the end of a select whose expressions cost more than to hand its rows on: whoever reads its columns reads values.
    Postgres would otherwise write each expression again in every place that names its column. -#}
{% macro evaluated_once() -%}
    {{ return(adapter.dispatch('evaluated_once')()) }}
{%- endmacro %}


{% macro default__evaluated_once() -%}
{%- endmacro %}


{% macro postgres__evaluated_once() -%}
    offset 0
{%- endmacro %}
