{#- A text without NUL characters, which Postgres cannot hold in the first place. -#}
{% macro without_nul(text) -%}
    {{ return(adapter.dispatch('without_nul')(text)) }}
{%- endmacro %}


{% macro default__without_nul(text) -%}
    {{ text }}
{%- endmacro %}


{% macro duckdb__without_nul(text) -%}
    replace({{ text }}, chr(0), '')
{%- endmacro %}
