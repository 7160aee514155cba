{% set window_columns = ['occurred_at', 'updated_at'] %}

with {{ landed_ctes('web_events', window_columns) }},

typed as not materialized (

    select
        {{ published_id('event_id') }} as event_id,
        {{ try_cast_text('event_id', 'text') }} as source_event_id,
        {{ published_id('customer_id') }} as customer_id,
        {{ published_id('product_id') }} as product_id,
        {{ try_cast_text('anonymous_id', 'text') }} as anonymous_id,
        {{ try_cast_text('name', 'text') }} as name,
        {{ try_cast_text('page', 'text') }} as page,
        {{ try_cast_text('session_id', 'text') }} as session_id,
        {{ try_cast_text('device', 'text') }} as device,
        {{ try_cast_text('utm_source', 'text') }} as utm_source,
        {{ try_cast_text('utm_medium', 'text') }} as utm_medium,
        {{ try_cast_text('utm_campaign', 'text') }} as utm_campaign,
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
        event_id,
        source_event_id,
        customer_id,
        product_id,
        anonymous_id,
        name,
        page,
        session_id,
        device,
        utm_source,
        utm_medium,
        utm_campaign,
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
            {{ when_missing('event_id') }}
            {{ when_not_a('timestamp', 'occurred_at', required=true) }}
            {{ when_missing('name') }}
            {{ when_not_a('timestamp', 'updated_at') }}
            {{ when_not_a('boolean', 'is_deleted') }}
        end as _reason
    from typed

),

{{ version_ctes('web_events', ['event_id'], window_columns) }}

select * from final
