{% set window_columns = ['updated_at'] %}

with {{ landed_ctes('order_lines', window_columns) }},

typed as not materialized (

    select
        {{ published_id('order_id') }} as order_id,
        {{ try_cast_text('order_id', 'text') }} as source_order_id,
        {{ published_id('product_id') }} as product_id,
        {{ try_cast_text('line_id', 'text') }} as line_id,
        {{ typed('quantity', 'decimal') }},
        {{ typed('unit_price', 'decimal') }},
        {{ typed('amount', 'decimal') }},
        {{ typed('discount_amount', 'decimal') }},
        {{ typed('unit_cost', 'decimal') }},
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
        order_id,
        source_order_id,
        product_id,
        line_id,
        quantity,
        unit_price,
        amount,
        discount_amount,
        unit_cost,
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
            {{ when_missing('order_id') }}
            {{ when_missing('line_id') }}
            {{ when_not_a('decimal', 'quantity', required=true) }}
            {{ when_not_a('decimal', 'unit_price') }}
            {{ when_not_a('decimal', 'amount') }}
            {{ when_not_a('decimal', 'discount_amount') }}
            when amount is null and unit_price is null then 'amount is missing, and so is unit_price'
            when amount is null and abs(cast(quantity as double precision) * unit_price) >= 1e12
                then 'unit_price is too large for the quantity'
            {{ when_not_a('decimal', 'unit_cost') }}
            {{ when_not_a('timestamp', 'updated_at') }}
            {{ when_not_a('boolean', 'is_deleted') }}
        end as _reason
    from typed

),

{{ version_ctes('order_lines', ['order_id', 'line_id'], window_columns) }}

select * from final
