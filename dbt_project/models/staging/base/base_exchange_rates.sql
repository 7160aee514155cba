{% set window_columns = ['rate_date', 'updated_at'] %}

with {{ landed_ctes('exchange_rates', window_columns) }},

typed as not materialized (

    select
        upper({{ try_cast_text('from_currency', 'text') }}) as from_currency,
        upper({{ try_cast_text('to_currency', 'text') }}) as to_currency,
        {{ typed('rate', 'rate') }},
        {{ typed('is_deleted', 'boolean') }},
        {{ typed('rate_date', 'date') }},
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
        from_currency,
        to_currency,
        rate,
        is_deleted,
        rate_date,
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
            {{ when_not_a('date', 'rate_date', required=true) }}
            {{ when_missing('from_currency') }}
            {{ when_missing('to_currency') }}
            {{ when_not_a('rate', 'rate', required=true) }}
            when rate <= 0 then 'rate is not positive'
            {{ when_not_a('timestamp', 'updated_at') }}
            {{ when_not_a('boolean', 'is_deleted') }}
        end as _reason
    from typed

),

{{ version_ctes('exchange_rates', ['_source', 'rate_date', 'from_currency', 'to_currency'], window_columns) }}

select * from final
