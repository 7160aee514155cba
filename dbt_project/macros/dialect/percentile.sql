{#- The quantile (0 to 1) of an expression within each group, linearly interpolated, in double precision. -#}
{% macro percentile(expression, quantile) -%}
    {{ return(adapter.dispatch('percentile')(expression, quantile)) }}
{%- endmacro %}


{% macro default__percentile(expression, quantile) -%}
    percentile_cont({{ quantile }}) within group (order by cast({{ expression }} as double precision))
{%- endmacro %}


{% macro duckdb__percentile(expression, quantile) -%}
    quantile_cont(cast({{ expression }} as double), {{ quantile }})
{%- endmacro %}


{#- percentile_cont() would do, but for Sail, which counts it in a millionth of the range. -#}
{% macro spark__percentile(expression, quantile) -%}
    percentile(cast({{ expression }} as double), {{ quantile }})
{%- endmacro %}


{#- The median of an expression within each group, in double precision. -#}
{% macro median(expression) -%}
    {{ percentile(expression, 0.5) }}
{%- endmacro %}
