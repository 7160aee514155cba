with found as (

    {% for entity in canonical_entities() -%}
    select
        '{{ entity }}' as entity,
        base._source,
        base._file,
        base._batch_id,
        base._row_number,
        {{ split_into_rows('base._problems', ',') }} as column_name,
        {{ json_text(canonical_entity(entity)['columns'] | map(attribute='name') | list, 'landed') }} as delivered
    from {{ ref('base_' ~ entity) }} as base
    inner join {{ source('landing', entity) }} as landed
        on
            base._source = landed._source
            and base._batch_id = landed._batch_id
            and base._file = landed._file
            and base._row_number = landed._row_number
            and landed._error is null
    where
        base._problems is not null
        and base._disposition = 'staged'
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

final as (

    select
        entity,
        column_name,
        {{ json_value('delivered', 'column_name') }} as delivered_value,
        _source,
        _file,
        _batch_id,
        _row_number
    from found

)

select * from final
