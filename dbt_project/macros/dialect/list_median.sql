{#- The median of a list of numbers, nulls left out, in double precision; null where nothing is left. Lists come from
    array_agg(): a median over a window's frame is no window function everywhere. -#}
{% macro list_median(list) -%}
    {{ return(adapter.dispatch('list_median')(list)) }}
{%- endmacro %}


{% macro default__list_median(list) -%}
    (
        select percentile_cont(0.5) within group (order by cast(elements.element as double precision))
        from unnest({{ list }}) as elements (element)
    )
{%- endmacro %}


{% macro duckdb__list_median(list) -%}
    cast(list_aggregate({{ list }}, 'median') as double)
{%- endmacro %}


{% macro spark__list_median(list) -%}
    {%- set sorted = 'array_sort(array_compact(' ~ list ~ '))' -%}
    {%- set last = 'size(array_compact(' ~ list ~ ')) - 1' -%}
    (
        cast(get({{ sorted }}, cast(floor(({{ last }}) / 2.0) as integer)) as double)
        + cast(get({{ sorted }}, cast(ceil(({{ last }}) / 2.0) as integer)) as double)
    ) / 2.0D
{%- endmacro %}
