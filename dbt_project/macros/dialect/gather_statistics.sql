{#- After a table is built: let the planner know what is in it. Models read it at once, long before a server would look by
    itself. -#}
{% macro gather_statistics() -%}
    {{ return(adapter.dispatch('gather_statistics')()) }}
{%- endmacro %}


{% macro default__gather_statistics() -%}
{%- endmacro %}


{% macro postgres__gather_statistics() -%}
    {%- if model.config.materialized not in ('view', 'ephemeral') -%}
        analyze {{ this }}
    {%- endif -%}
{%- endmacro %}
