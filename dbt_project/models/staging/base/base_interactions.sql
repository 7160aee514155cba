{% set window_columns = ['occurred_at', 'updated_at'] %}

with {{ landed_ctes('interactions', window_columns) }},

typed as not materialized (

    select
        {{ published_id('interaction_id') }} as interaction_id,
        {{ try_cast_text('interaction_id', 'text') }} as source_interaction_id,
        {{ published_id('customer_id') }} as customer_id,
        {{ try_cast_text('email', 'text') }} as email,
        {{ try_cast_text('phone', 'text') }} as phone,
        {{ try_cast_text('channel', 'text') }} as channel,
        {{ try_cast_text('direction', 'text') }} as direction,
        {{ try_cast_text('kind', 'text') }} as kind,
        {{ try_cast_text('outcome', 'text') }} as outcome,
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
        interaction_id,
        source_interaction_id,
        customer_id,
        email,
        phone,
        channel,
        direction,
        kind,
        outcome,
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
            {{ when_missing('interaction_id') }}
            when coalesce(customer_id, email, phone) is null then 'customer_id is missing, and so are email and phone'
            {{ when_not_a('timestamp', 'occurred_at', required=true) }}
            {{ when_not_a('timestamp', 'updated_at') }}
            {{ when_not_a('boolean', 'is_deleted') }}
        end as _reason
    from typed

),

{{ version_ctes('interactions', ['interaction_id'], window_columns) }}

select * from final
