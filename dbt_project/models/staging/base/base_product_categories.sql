{% set window_columns = ['updated_at'] %}

with {{ landed_ctes('product_categories', window_columns) }},

typed as not materialized (

    select
        {{ published_id('product_id') }} as product_id,
        {{ try_cast_text('product_id', 'text') }} as source_product_id,
        {{ published_id('category_id') }} as category_id,
        {{ typed('is_primary', 'boolean') }},
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
        product_id,
        source_product_id,
        category_id,
        is_primary,
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
            {{ when_missing('product_id') }}
            {{ when_missing('category_id') }}
            {{ when_not_a('boolean', 'is_primary') }}
            {{ when_not_a('timestamp', 'updated_at') }}
            {{ when_not_a('boolean', 'is_deleted') }}
        end as _reason
    from typed

),

{{ version_ctes('product_categories', ['product_id', 'category_id'], window_columns) }}

select * from final
