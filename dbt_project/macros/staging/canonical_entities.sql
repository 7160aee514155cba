{#- The names of the canonical entities, in the order of entities.yml. -#}
{% macro canonical_entities() -%}
    {{ return(entities().keys() | list) }}
{%- endmacro %}


{#- What entities.yml says of one entity. -#}
{% macro canonical_entity(name) -%}
    {{ return(entities()[name]) }}
{%- endmacro %}


{#- The `meta` of a base model: what the materialization `versions` has to know. One of the key's columns holds the source;
    a key without an id of the source is led by `_source`. -#}
{% macro versions_of(name) -%}
    {%- set entity = canonical_entity(name) -%}
    {%- set published = entity['columns'] | selectattr('of') | map(attribute='name') | select('in', entity['key']) | list -%}
    {{ return({
        'entity': name,
        'key': entity['key'] if published else ['_source'] + entity['key'],
        'window_columns': window_columns(name),
    }) }}
{%- endmacro %}


{#- The columns that a `window` batch may go by: every date and timestamp. -#}
{% macro window_columns(name) -%}
    {{ return(canonical_entity(name)['columns'] | selectattr('type', 'in', ['date', 'timestamp']) | map(attribute='name') | list) }}
{%- endmacro %}


{#- The columns of stg_<entity> without the plumbing: ids, texts, numbers, booleans, dates, timestamps. -#}
{% macro staged_columns(name) -%}
    {%- set entity = canonical_entity(name) -%}
    {%- set own_ids = entity['columns'] | selectattr('of') | map(attribute='name') | list -%}
    {%- set found = [] -%}
    {%- for column in own_ids -%}
        {%- do found.append(column) -%}
        {%- if column == entity['key'][0] -%}
            {%- do found.append('source_' ~ column) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- for types in [['id', 'text', 'currency'], ['integer', 'decimal', 'rate'], ['boolean'], ['date'], ['timestamp']] -%}
        {%- for column in entity['columns'] + entity['staged'] if column['type'] in types and column['name'] not in own_ids -%}
            {%- do found.append(column['name']) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}


{#- The key of a record as one text, for people. -#}
{% macro record_key(name) -%}
    concat_ws(
            ', '
            {%- for column in versions_of(name)['key'] %},
            cast({{ column }} as varchar)
            {%- endfor %}
        )
{%- endmacro %}
