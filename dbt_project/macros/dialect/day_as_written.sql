{#- The calendar date written in a text, whatever its offset: how `window` batches count their days. -#}
{% macro day_as_written(column) -%}
    {{ return(adapter.dispatch('day_as_written')(column)) }}
{%- endmacro %}


{% macro duckdb__day_as_written(column) -%}
    cast(try_cast(trim({{ column }}) as timestamp) as date)
{%- endmacro %}


{% macro postgres__day_as_written(column) -%}
    kehu.try_date({{ column }}, false)
{%- endmacro %}


{% macro spark__day_as_written(column) -%}
    {{ spark__try_date(column, false) }}
{%- endmacro %}
