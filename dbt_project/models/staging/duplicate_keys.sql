with found as (

    {% for entity in canonical_entities() -%}
    {%- set key = versions_of(entity)['key'] -%}
    {%- set columns = [] -%}
    {%- for column in staged_columns(entity) -%}
        {%- do columns.append(entity ~ '.' ~ column) -%}
    {%- endfor %}
    select
        '{{ entity }}' as entity,
        {{ entity }}._source,
        {{ entity }}._file,
        {{ entity }}._batch_id,
        concat_ws(
            ', '
            {%- for column in key %},
            cast({{ entity }}.{{ column }} as varchar)
            {%- endfor %}
        ) as record_key,
        {{ entity }}.updated_at,
        {{ entity }}._row_number,
        {{ row_hash(columns) }} as content
    from {{ ref('base_' ~ entity) }} as {{ entity }}
    inner join (
        select distinct
            _batch_id,
            {{ key | join(', ') }}
        from {{ ref('base_' ~ entity) }}
        where _disposition = 'superseded'
    ) as superseded
        on
            {{ entity }}._batch_id = superseded._batch_id
            and {{ same_key(key, entity, 'superseded') }}
    where
        {{ entity }}._reason is null
        {%- for source in var('source_rules').get('on_duplicate_key', {}).get(entity, []) %}
        and {{ entity }}._source <> '{{ source }}'
        {%- endfor %}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

-- rows that say when they were changed are versions of one record
final as (

    select
        entity,
        record_key,
        _source,
        _file,
        _batch_id,
        count(*) as row_total,
        min(_row_number) as first_row_number,
        max(_row_number) as last_row_number
    from found
    group by entity, record_key, _source, _file, _batch_id, updated_at
    having count(distinct content) > 1

)

select * from final
