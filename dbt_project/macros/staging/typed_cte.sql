{#- The CTEs up to `typed`: every column of an entity, cast to its type, from `landed`. What can fail stands beside its text,
    <column>_text, which `problem_of` compares it with; an id also stands as it was delivered, <id>_delivered.

    renamed: columns that keep the delivered value under another name, {'status': 'delivered_status'}. -#}
{% macro typed_cte(name, renamed={}) -%}
{%- set entity = canonical_entity(name) -%}
{{ cleaned_ids_ctes(name) }},

typed as not materialized (
    select
        {%- for column in entity['columns'] %}
        {{ typed(column, renamed.get(column['name'], column['name'])) }},
        {%- if column['name'] == entity['key'][0] and column['of'] %}
        {{ id_text(column) }} as source_{{ column['name'] }},
        {%- endif %}
        {%- endfor %}
        _source,
        _file,
        _batch_id,
        _row_number,
        _extracted_at,
        _extra,
        _error,
        _delivered_columns,
        _known_columns,
        _sequence,
        _is_replaced
    from cleaned_ids
    {{ evaluated_once() }}
)
{%- endmacro %}


{#- One canonical column of `typed` under its name. -#}
{% macro typed(column, name) -%}
    {%- if column['type'] == 'id' -%}
        {{ "_source || ':' || " if column['of'] }}{{ id_text(column) }} as {{ name }},
        {{ column['name'] }}_cleaned as {{ name }}_text,
        {{ column['name'] }} as {{ name }}_delivered
    {%- elif column['empty_means'] == 'all' -%}
        coalesce({{ try_cast_text(column['name'], 'text') }}, 'all') as {{ name }}
    {%- elif column['type'] == 'text' -%}
        {{ try_cast_text(column['name'], 'text') }} as {{ name }}
    {%- elif column['type'] == 'currency' -%}
        {{ currency_code(column) }} as {{ name }},
        {{ column['name'] }} as {{ name }}_text
    {%- else -%}
        {{ try_cast_text(column['name'], column['type'], zone_of(column['name'])) }} as {{ name }},
        {{ column['name'] }} as {{ name }}_text
    {%- endif -%}
{%- endmacro %}


{#- A source's own id as it is meant; null if it is empty, a placeholder or in scientific notation. -#}
{% macro id_text(column) -%}
    {%- set id = column['name'] ~ '_cleaned' -%}
    case
            when {{ is_placeholder(id, ['id', 'person'] if column['person'] else ['id']) }} then null
            when {{ is_scientific(id) }} then null
            else {{ id }}
        end
{%- endmacro %}


{#- The zone of a time without an offset: a date without a time is that day of the business, whatever the zone of the source. -#}
{% macro zone_of(column) -%}
    case when {{ column }} like '%:%' then _timezone else '{{ var('timezone') }}' end
{%- endmacro %}


{#- A currency code in capitals; the reporting currency where an empty one means that. A column that is gone is no empty one. -#}
{% macro currency_code(column) -%}
    {%- set code = 'upper(' ~ try_cast_text(column['name'], 'text') ~ ')' -%}
    {%- if column['empty_means'] == 'reporting_currency' -%}
        coalesce(
            {{ code }},
            case
                when _delivered_columns like '%,{{ column['name'] }},%' or {{ was_never_told(column['name']) }}
                    then '{{ reporting_currency() }}'
            end
        )
    {%- else -%}
        {{ code }}
    {%- endif -%}
{%- endmacro %}
