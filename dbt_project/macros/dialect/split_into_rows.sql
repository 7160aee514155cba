{#- One row for each part of a text between separators (a regular expression); stands in a select list. -#}
{% macro split_into_rows(column, separators) -%}
    {{ return(adapter.dispatch('split_into_rows')(column, separators)) }}
{%- endmacro %}


{% macro default__split_into_rows(column, separators) -%}
    regexp_split_to_table({{ column }}, '{{ separators }}')
{%- endmacro %}


{% macro duckdb__split_into_rows(column, separators) -%}
    unnest(string_split_regex({{ column }}, '{{ separators }}'))
{%- endmacro %}


{% macro spark__split_into_rows(column, separators) -%}
    explode(split({{ column }}, '{{ separators }}'))
{%- endmacro %}
