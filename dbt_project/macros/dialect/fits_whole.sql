{#- Whether all of a text fits a regular expression, which may be a column and holds no backslash. -#}
{% macro fits_whole(text, pattern) -%}
    {{ return(adapter.dispatch('fits_whole')(text, pattern)) }}
{%- endmacro %}


{% macro duckdb__fits_whole(text, pattern) -%}
    regexp_full_match({{ text }}, {{ pattern }})
{%- endmacro %}


{% macro postgres__fits_whole(text, pattern) -%}
    {{ text }} ~ ('^(' || {{ pattern }} || ')$')
{%- endmacro %}


{% macro spark__fits_whole(text, pattern) -%}
    {{ text }} rlike ('^(' || {{ pattern }} || ')$')
{%- endmacro %}
