with superseded as (

    {% for entity in canonical_entities() -%}
    select distinct
        '{{ entity }}' as entity,
        _batch_id,
        {{ record_key(entity) }} as record_key
    from {{ ref('base_' ~ entity) }}
    where _disposition = 'superseded'
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

usable as (

    {% for entity in canonical_entities() -%}
    select
        '{{ entity }}' as entity,
        _source,
        _file,
        _batch_id,
        _row_number,
        {{ record_key(entity) }} as record_key,
        {{ row_hash(staged_columns(entity)) }} as content,
        updated_at
    from {{ ref('base_' ~ entity) }}
    where
        _reason is null
        and _disposition <> 'withdrawn'
        {%- for source in var('source_rules').get('on_duplicate_key', {}).get(entity, []) %}
        and _source <> '{{ source }}'
        {%- endfor %}
        and _batch_id in (select superseded._batch_id from superseded)
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

-- rows that say when they were changed are versions of one record
final as (

    select
        usable.entity,
        usable.record_key,
        usable._source,
        usable._file,
        usable._batch_id,
        count(*) as row_total,
        min(usable._row_number) as first_row_number,
        max(usable._row_number) as last_row_number
    from usable
    inner join superseded
        on
            usable.entity = superseded.entity
            and usable._batch_id = superseded._batch_id
            and usable.record_key = superseded.record_key
    group by
        usable.entity, usable.record_key, usable._source, usable._file, usable._batch_id, usable.updated_at
    having count(distinct usable.content) > 1

)

select * from final
