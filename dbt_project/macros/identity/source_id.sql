{#- The source's own id within a published id `source:id`; names of sources have no colon. -#}
{% macro source_id(published_id) -%}
    substr({{ published_id }}, position(':' in {{ published_id }}) + 1)
{%- endmacro %}


{#- The name of the source within a published id `source:id`. -#}
{% macro source_name(published_id) -%}
    substr({{ published_id }}, 1, position(':' in {{ published_id }}) - 1)
{%- endmacro %}
