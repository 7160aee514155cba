{% set window_columns = ['created_at', 'first_response_at', 'resolved_at', 'updated_at'] %}

with {{ landed_ctes('tickets', window_columns) }},

typed as not materialized (

    select
        {{ published_id('ticket_id') }} as ticket_id,
        {{ try_cast_text('ticket_id', 'text') }} as source_ticket_id,
        {{ published_id('customer_id') }} as customer_id,
        {{ try_cast_text('email', 'text') }} as email,
        {{ try_cast_text('phone', 'text') }} as phone,
        {{ try_cast_text('kind', 'text') }} as kind,
        {{ try_cast_text('status', 'text') }} as status,
        {{ try_cast_text('channel', 'text') }} as channel,
        {{ try_cast_text('topic', 'text') }} as topic,
        {{ try_cast_text('text', 'text') }} as text,
        {{ typed('csat_score', 'decimal') }},
        {{ typed('is_deleted', 'boolean') }},
        {{ typed('created_at', 'timestamp') }},
        {{ typed('first_response_at', 'timestamp') }},
        {{ typed('resolved_at', 'timestamp') }},
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
        ticket_id,
        source_ticket_id,
        customer_id,
        email,
        phone,
        kind,
        status,
        channel,
        topic,
        text,
        csat_score,
        is_deleted,
        created_at,
        first_response_at,
        resolved_at,
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
            {{ when_missing('ticket_id') }}
            when coalesce(customer_id, email, phone) is null then 'customer_id is missing, and so are email and phone'
            {{ when_not_a('timestamp', 'created_at', required=true) }}
            {{ when_not_a('timestamp', 'first_response_at') }}
            {{ when_not_a('timestamp', 'resolved_at') }}
            {{ when_not_a('decimal', 'csat_score') }}
            {{ when_not_a('timestamp', 'updated_at') }}
            {{ when_not_a('boolean', 'is_deleted') }}
        end as _reason
    from typed

),

{{ version_ctes('tickets', ['ticket_id'], window_columns) }}

select * from final
