{#- Schemas are used by the names given in dbt_project.yml, without the target's prefix. `candidate` and what starts with
    `candidate_` follow the var candidate_schema, so that every release is built in schemas of its own. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {%- if custom_schema_name is none -%}
        {{ target.schema }}
    {%- elif custom_schema_name == 'candidate' or custom_schema_name.startswith('candidate_') -%}
        {{ var('candidate_schema') ~ custom_schema_name[9:] }}
    {%- else -%}
        {{ custom_schema_name | trim }}
    {%- endif -%}
{%- endmacro %}
