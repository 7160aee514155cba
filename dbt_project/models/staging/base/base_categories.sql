{% set window_columns = ['updated_at'] %}

with {{ landed_ctes('categories', window_columns) }},

typed as not materialized (

    select
        {{ published_id('category_id') }} as category_id,
        {{ try_cast_text('category_id', 'text') }} as source_category_id,
        {{ published_id('parent_category_id') }} as parent_category_id,
        {{ try_cast_text('name', 'text') }} as name,
        {{ typed('sort_order', 'integer') }},
        {{ typed('is_deleted', 'boolean') }},
        {{ typed('updated_at', 'timestamp') }},
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

),

checked as not materialized (

    select
        category_id,
        source_category_id,
        parent_category_id,
        name,
        sort_order,
        is_deleted,
        updated_at,
        _source,
        _file,
        _batch_id,
        _row_number,
        _extracted_at,
        _extra,
        _sequence,
        _is_replaced,
        case
            {{ when_unreadable() }}
            {{ when_missing('category_id') }}
            {{ when_not_a('integer', 'sort_order') }}
            {{ when_not_a('timestamp', 'updated_at') }}
            {{ when_not_a('boolean', 'is_deleted') }}
        end as _reason
    from typed

),

{{ version_ctes('categories', ['category_id'], window_columns) }}

select * from final
