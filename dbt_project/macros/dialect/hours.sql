{#- Hours from one moment to another in double precision; negative if `later` is before `earlier`. -#}
{% macro hours_between(earlier, later) -%}
    {{ return(adapter.dispatch('hours_between')(earlier, later)) }}
{%- endmacro %}


{% macro default__hours_between(earlier, later) -%}
    cast(extract(epoch from ({{ later }} - {{ earlier }})) as double precision) / 3600.0
{%- endmacro %}


{% macro duckdb__hours_between(earlier, later) -%}
    (epoch_us({{ later }}) - epoch_us({{ earlier }})) / 3600000000.0
{%- endmacro %}


{#- Doubles are divided: a division of decimals keeps six digits, which an hour's seconds do not fit in. -#}
{% macro spark__hours_between(earlier, later) -%}
    cast(unix_micros(cast({{ later }} as timestamp)) - unix_micros(cast({{ earlier }} as timestamp)) as double)
    / cast(3600000000 as double)
{%- endmacro %}
