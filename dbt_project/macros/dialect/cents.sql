{#- A number in double precision as cents, half a cent away from zero. Amounts that are decimal are rounded by money(). -#}
{% macro cents(number) -%}
    {{ return(adapter.dispatch('cents')(number)) }}
{%- endmacro %}


{% macro duckdb__cents(number) -%}
    cast(round({{ number }}, 2) as decimal(18, 2))
{%- endmacro %}


{#- Postgres rounds decimals to a place only, and makes decimals of a double's first 15 digits; Spark rounds the shortest text
    of a double: the double is rounded as DuckDB rounds it before. -#}
{% macro default__cents(number) -%}
    cast(floor(abs({{ number }}) * 100 + 0.5) * sign({{ number }}) / 100 as decimal(18, 2))
{%- endmacro %}
