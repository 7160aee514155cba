{#- The CTE `typed`: every column of an entity, cast to its type, from `landed`. A value whose cast can fail stands beside the text
    as delivered, <column>_text, which `problem_of` compares it with.

    renamed: columns that keep the delivered value under another name, {'status': 'delivered_status'}. -#}
{% macro typed_cte(name, renamed={}) -%}
{%- set entity = canonical_entity(name) -%}
typed as not materialized (
    select
        {%- for column in entity['columns'] %}
        {{ typed(column, renamed.get(column['name'], column['name'])) }},
        {%- if column['name'] == entity['key'][0] and column['of'] %}
        {{ try_cast_text(column['name'], 'text') }} as source_{{ column['name'] }},
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
        _sequence,
        _is_replaced
    from landed
    {{ evaluated_once() }}
)
{%- endmacro %}


{#- One canonical column of `typed` under its name. -#}
{% macro typed(column, name) -%}
    {%- if column['of'] -%}
        {{ published_id(column['name']) }} as {{ name }}
    {%- elif column['empty_means'] == 'all' -%}
        coalesce({{ try_cast_text(column['name'], 'text') }}, 'all') as {{ name }}
    {%- elif column['type'] in ('id', 'text') -%}
        {{ try_cast_text(column['name'], 'text') }} as {{ name }}
    {%- elif column['type'] == 'currency' -%}
        {{ currency_code(column) }} as {{ name }}
    {%- else -%}
        {{ try_cast_text(column['name'], column['type']) }} as {{ name }},
        {{ column['name'] }} as {{ name }}_text
    {%- endif -%}
{%- endmacro %}


{#- A published id `source:id` from a source's own id; null if that is empty. -#}
{% macro published_id(column) -%}
    _source || ':' || {{ try_cast_text(column, 'text') }}
{%- endmacro %}


{#- A currency code in capitals; the reporting currency where an empty one means that. -#}
{% macro currency_code(column) -%}
    {%- set code = 'upper(' ~ try_cast_text(column['name'], 'text') ~ ')' -%}
    {%- if column['empty_means'] == 'reporting_currency' -%}
        coalesce({{ code }}, '{{ reporting_currency() }}')
    {%- else -%}
        {{ code }}
    {%- endif -%}
{%- endmacro %}
