{% set window_columns = ['created_at', 'converted_at', 'updated_at'] %}

with {{ landed_ctes('leads', window_columns) }},

typed as not materialized (

    select
        {{ published_id('lead_id') }} as lead_id,
        {{ try_cast_text('lead_id', 'text') }} as source_lead_id,
        {{ published_id('converted_customer_id') }} as converted_customer_id,
        {{ try_cast_text('email', 'text') }} as email,
        {{ try_cast_text('phone', 'text') }} as phone,
        {{ try_cast_text('full_name', 'text') }} as full_name,
        {{ try_cast_text('source', 'text') }} as source,
        {{ try_cast_text('status', 'text') }} as status,
        {{ typed('is_deleted', 'boolean') }},
        {{ typed('created_at', 'timestamp') }},
        {{ typed('converted_at', 'timestamp') }},
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
        lead_id,
        source_lead_id,
        converted_customer_id,
        email,
        phone,
        full_name,
        source,
        status,
        is_deleted,
        created_at,
        converted_at,
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
            {{ when_missing('lead_id') }}
            {{ when_not_a('timestamp', 'created_at', required=true) }}
            {{ when_not_a('timestamp', 'converted_at') }}
            {{ when_not_a('timestamp', 'updated_at') }}
            {{ when_not_a('boolean', 'is_deleted') }}
        end as _reason
    from typed

),

{{ version_ctes('leads', ['lead_id'], window_columns) }}

select * from final
