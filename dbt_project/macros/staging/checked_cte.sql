{#- The CTE `checked`: every staged column of an entity, and
    _reason    why the row cannot be used, its first problem in column order; null if it can. A reason begins with the name of the
               column, or with `row` where it is about the row as a whole
    _problems  the optional columns whose values cannot be read, with commas between: they are null, the row is kept
    _remarks   what was taken otherwise than it stands there, with commas between: `cleaned <id>`, `placeholder <column>`,
               `assumed <currency>`

    relation: the CTE that has the columns of `typed` and what staging adds. problems: what the model knows besides
        entities.yml, branches of a `case` by the column that they come after. -#}
{% macro checked_cte(name, relation='typed', problems={}) -%}
{%- set entity = canonical_entity(name) -%}
checked as not materialized (
    select
        {%- for column in staged_columns(name) %}
        {{ without_epoch(column, entity) }},
        {%- endfor %}
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
            {{ when_a_total(entity) }}
            {%- for column in entity['columns'] %}
            {{ problem_of(column) }}
            {%- if column['name'] == one_of_comes_after(entity) %}
            when coalesce({{ entity['one_of'] | join(', ') }}) is null then '{{ none_of(entity['one_of']) }}'
            {%- endif %}
            {{ problems.get(column['name'], '') }}
            {{ when_deleted_after(column, entity) }}
            {%- endfor %}
        end as _reason,
        {{ problems_of_values(entity) }} as _problems,
        {{ remarks_on_values(entity) }} as _remarks
    from {{ relation }}
)
{%- endmacro %}


{#- The reason of a row that landing could not parse. -#}
{% macro unreadable() -%}
    row could not be parsed
{%- endmacro %}


{#- The branches that say why a row cannot be used because of a required column: it is missing, or is not of its type. -#}
{% macro problem_of(column) -%}
    {%- set name, type = column['name'], column['type'] -%}
    {%- if column['required'] -%}
        {%- if type in ('text', 'currency') -%}
            when {{ name }} is null then '{{ name }} is missing'
        {%- elif type == 'id' -%}
            when {{ name }} is null and {{ is_scientific(name ~ '_text') }} then '{{ name }} is no id, but a number that was rounded'
            when {{ name }} is null then '{{ name }} is missing'
        {%- else -%}
            when {{ is_empty(column) }} then '{{ name }} is missing'
            when {{ name }} is null then '{{ name }} is not {{ 'an' if type == 'integer' else 'a' }} {{ type }}'
            {%- if type == 'timestamp' %}
            when {{ is_epoch(name) }} then '{{ name }} is a placeholder'
            {%- endif -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}


{#- The branch behind the last column of the key: of a record that is deleted nothing else needs to be known. -#}
{% macro when_deleted_after(column, entity) -%}
    {%- set key = entity['columns'] | map(attribute='name') | select('in', entity['key']) | list -%}
    {%- if column['name'] == key[-1] -%}
            when is_deleted and {{ key | join(' is not null and ') }} is not null then null
    {%- endif -%}
{%- endmacro %}


{#- Nothing was delivered, or a placeholder. -#}
{% macro is_empty(column) -%}
    {%- set text = trimmed(column['name'] ~ '_text') -%}
    {{ column['name'] }} is null and (coalesce({{ text }}, '') = '' or {{ is_placeholder(text, ['value']) }})
{%- endmacro %}


{#- The names of the optional columns in which something was delivered that cannot be read, with commas between; null if there is none. -#}
{% macro problems_of_values(entity) -%}
    nullif(
            concat_ws(
                ','
                {%- for column in entity['columns'] if not column['required'] and column['type'] not in ('text', 'currency') %},
                {%- if column['type'] == 'id' %}
                case when {{ column['name'] }} is null and {{ is_scientific(column['name'] ~ '_text') }} then '{{ column['name'] }}' end
                {%- else %}
                case
                    when
                        {{ column['name'] }} is null
                        and {{ trimmed(column['name'] ~ '_text') }} <> ''
                        and not ({{ is_placeholder(trimmed(column['name'] ~ '_text'), ['value']) }})
                        then '{{ column['name'] }}'
                end
                {%- endif %}
                {%- endfor %}
            ),
            ''
        )
{%- endmacro %}


{#- What was cleaned, and which values are placeholders, with commas between; null if everything was taken as it stands there. -#}
{% macro remarks_on_values(entity) -%}
    nullif(
            concat_ws(
                ','
                {%- for column in entity['columns'] if column['type'] != 'text' %}
                {%- set name = column['name'] %}
                {%- if column['empty_means'] == 'reporting_currency' %},
                case
                    when _delivered_columns like '%,{{ name }},%' and coalesce({{ trimmed(name ~ '_text') }}, '') = '' then 'assumed {{ name }}'
                end
                {%- elif column['type'] == 'id' %},
                case
                    when {{ name }} is not null and {{ name }}_text <> {{ name }}_delivered then 'cleaned {{ name }}'
                    when {{ name }} is null and {{ name }}_text is not null and not ({{ is_scientific(name ~ '_text') }}) then 'placeholder {{ name }}'
                end
                {%- elif column['type'] != 'currency' and not column['required'] %},
                case
                    {%- if column['type'] == 'timestamp' %}
                    when {{ is_epoch(name) }} then 'placeholder {{ name }}'
                    {%- endif %}
                    when
                        {{ name }} is null
                        and {{ trimmed(name ~ '_text') }} <> ''
                        and ({{ is_placeholder(trimmed(name ~ '_text'), ['value']) }})
                        then 'placeholder {{ name }}'
                end
                {%- endif %}
                {%- endfor %}
            ),
            ''
        )
{%- endmacro %}


{#- A row that adds up others: its key begins with a word such as total, and nothing else that is required is filled. -#}
{% macro when_a_total(entity) -%}
    {%- set plain = "translate(source_" ~ entity['key'][0] ~ ", ':：(（', '    ')" -%}
    {%- set first = entity['columns'] | selectattr('name', 'equalto', entity['key'][0]) | first -%}
    {%- if first['type'] == 'id' and first['of'] -%}
    when
                {%- for column in entity['columns'] if column['required'] and column['name'] != first['name'] %}
                {{ column['name'] }} is null and
                {%- endfor %}
                ({{ is_placeholder("trim(" ~ plain ~ ")", ['total']) }}
                or {{ is_placeholder("split_part(trim(" ~ plain ~ "), ' ', 1)", ['total']) }})
                then 'row is a total, not a record'
    {%- endif -%}
{%- endmacro %}


{#- A column without the times that stand for none: the epoch, and what time zones make of it. -#}
{% macro without_epoch(column, entity) -%}
    {%- set times = entity['columns'] | selectattr('type', 'equalto', 'timestamp') | map(attribute='name') | list -%}
    {%- if column in times -%}
        case when not {{ is_epoch(column) }} then {{ column }} end as {{ column }}
    {%- else -%}
        {{ column }}
    {%- endif -%}
{%- endmacro %}


{% macro is_epoch(column) -%}
    {{ column }} between timestamp '1969-12-31 00:00:00' and timestamp '1970-01-02 00:00:00'
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
