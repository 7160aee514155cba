{#- The priority of a source that no survivorship rule names. -#}
{% macro lowest_priority() -%}
    1000
{%- endmacro %}
