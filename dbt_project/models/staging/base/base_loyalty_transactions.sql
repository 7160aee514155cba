{% set window_columns = ['occurred_at', 'updated_at'] %}

with {{ landed_ctes('loyalty_transactions', window_columns) }},

typed as not materialized (

    select
        {{ published_id('transaction_id') }} as transaction_id,
        {{ try_cast_text('transaction_id', 'text') }} as source_transaction_id,
        {{ published_id('customer_id') }} as customer_id,
        {{ published_id('order_id') }} as order_id,
        {{ try_cast_text('kind', 'text') }} as kind,
        {{ typed('points', 'decimal') }},
        {{ typed('is_deleted', 'boolean') }},
        {{ typed('occurred_at', 'timestamp') }},
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
        transaction_id,
        source_transaction_id,
        customer_id,
        order_id,
        kind,
        points,
        is_deleted,
        occurred_at,
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
            {{ when_missing('transaction_id') }}
            {{ when_missing('customer_id') }}
            {{ when_not_a('timestamp', 'occurred_at', required=true) }}
            {{ when_missing('kind') }}
            {{ when_not_a('decimal', 'points', required=true) }}
            {{ when_not_a('timestamp', 'updated_at') }}
            {{ when_not_a('boolean', 'is_deleted') }}
        end as _reason
    from typed

),

{{ version_ctes('loyalty_transactions', ['transaction_id'], window_columns) }}

select * from final
