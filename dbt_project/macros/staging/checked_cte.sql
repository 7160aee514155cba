{#- The CTE `checked`: every staged column of an entity, and `_reason`, the first problem of the row in column order; null where
    there is none. A reason begins with the name of the column, or with `row` where the row as a whole could not be taken apart.

    relation: the CTE that has the columns of `typed` and what staging adds. problems: what the model knows besides
        entities.yml, branches of a `case` by the column that they come after. -#}
{% macro checked_cte(name, relation='typed', problems={}) -%}
{%- set entity = canonical_entity(name) -%}
checked as not materialized (
    select
        {{ staged_columns(name) | join(',\n        ') }},
        _source,
        _file,
        _batch_id,
        _row_number,
        _extracted_at,
        _extra,
        _sequence,
        _is_replaced,
        case
            when _error is not null then '{{ unreadable() }}'
            {%- for column in entity['columns'] %}
            {{ problem_of(column) }}
            {%- if column['name'] == one_of_comes_after(entity) %}
            when coalesce({{ entity['one_of'] | join(', ') }}) is null then '{{ none_of(entity['one_of']) }}'
            {%- endif %}
            {{ problems.get(column['name'], '') }}
            {%- endfor %}
        end as _reason
    from {{ relation }}
)
{%- endmacro %}


{#- The reason of a row that landing could not parse. -#}
{% macro unreadable() -%}
    row could not be parsed
{%- endmacro %}


{#- The branches that say what is wrong with one column: it is missing, or is not of its type. -#}
{% macro problem_of(column) -%}
    {%- set name, type = column['name'], column['type'] -%}
    {%- if type in ('id', 'text', 'currency') -%}
        {%- if column['required'] -%}
            when {{ name }} is null then '{{ name }} is missing'
        {%- endif -%}
    {%- else -%}
        {%- if column['required'] -%}
            when {{ name }} is null and coalesce({{ trimmed(name ~ '_text') }}, '') = '' then '{{ name }} is missing'
            {% endif -%}
            when {{ name }} is null and {{ trimmed(name ~ '_text') }} <> '' then '{{ name }} is not {{ 'an' if type == 'integer' else 'a' }} {{ type }}'
    {%- endif -%}
{%- endmacro %}


{#- The last column of the entity's one-of group: all of it has been looked at by then. -#}
{% macro one_of_comes_after(entity) -%}
    {{ return((entity['columns'] | map(attribute='name') | select('in', entity['one_of']) | list | last) if entity['one_of'] else none) }}
{%- endmacro %}


{#- amount is missing, and so is unit_price. -#}
{% macro none_of(columns) -%}
    {{ columns[0] }} is missing, and so {{ 'is' if columns | length == 2 else 'are' }} {{ columns[1:] | join(' and ') }}
{%- endmacro %}


{#- A shop's event of the year 1 is a placeholder, and one of them would give every calendar a row for each day since. -#}
{% macro when_before_1970(column) -%}
    when {{ column }} < timestamp '1970-01-01 00:00:00' then '{{ column }} is before 1970'
{%- endmacro %}
