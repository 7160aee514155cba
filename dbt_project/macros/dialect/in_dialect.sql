{#- A statement as the engine spells it. Analysts write `varchar`, `double precision` and `as not materialized` on all of them;
    what makes relations and tests of models asks here last. -#}
{% macro in_dialect(sql) -%}
    {{ return(adapter.dispatch('in_dialect')(sql)) }}
{%- endmacro %}


{% macro default__in_dialect(sql) -%}
    {{ return(sql) }}
{%- endmacro %}


{#- Spark's varchar wants a length, it knows `double` only, and decides by itself whether a CTE is kept. -#}
{% macro spark__in_dialect(sql) -%}
    {%- set re = modules.re -%}
    {%- set texts = re.sub('(?i)\\bas\\s+varchar\\b(?!\\s*[(])', 'as string', sql) -%}
    {%- set doubles = re.sub('(?i)\\bas\\s+double\\s+precision\\b', 'as double', texts) -%}
    {{ return(re.sub('(?i)\\bas\\s+(not\\s+)?materialized\\b', 'as', doubles)) }}
{%- endmacro %}
