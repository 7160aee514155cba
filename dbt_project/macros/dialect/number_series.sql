{#- A query of one column, whole numbers from first to last, both included. -#}
{% macro number_series(first, last, column='number') -%}
    {{ return(adapter.dispatch('number_series')(first, last, column)) }}
{%- endmacro %}


{% macro default__number_series(first, last, column) -%}
    select cast(series.point as integer) as {{ column }}
    from generate_series({{ first }}, {{ last }}) as series (point)
{%- endmacro %}


{% macro spark__number_series(first, last, column) -%}
    select series.{{ column }}
    from (select explode(sequence({{ first }}, greatest({{ first }}, {{ last }}))) as {{ column }}) as series
    where series.{{ column }} <= {{ last }}
{%- endmacro %}
