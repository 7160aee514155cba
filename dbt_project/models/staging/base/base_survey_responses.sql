{% set window_columns = ['responded_at', 'updated_at'] %}

with {{ landed_ctes('survey_responses', window_columns) }},

typed as not materialized (

    select
        {{ published_id('response_id') }} as response_id,
        {{ try_cast_text('response_id', 'text') }} as source_response_id,
        {{ published_id('customer_id') }} as customer_id,
        {{ try_cast_text('email', 'text') }} as email,
        {{ try_cast_text('phone', 'text') }} as phone,
        {{ try_cast_text('survey_type', 'text') }} as survey_type,
        {{ try_cast_text('comment', 'text') }} as comment,
        {{ try_cast_text('wave', 'text') }} as wave,
        {{ typed('score', 'decimal') }},
        {{ typed('is_deleted', 'boolean') }},
        {{ typed('responded_at', 'timestamp') }},
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
        response_id,
        source_response_id,
        customer_id,
        email,
        phone,
        survey_type,
        comment,
        wave,
        score,
        is_deleted,
        responded_at,
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
            {{ when_missing('response_id') }}
            when coalesce(customer_id, email, phone) is null then 'customer_id is missing, and so are email and phone'
            {{ when_missing('survey_type') }}
            {{ when_not_a('decimal', 'score', required=true) }}
            {{ when_not_a('timestamp', 'responded_at', required=true) }}
            {{ when_not_a('timestamp', 'updated_at') }}
            {{ when_not_a('boolean', 'is_deleted') }}
        end as _reason
    from typed

),

{{ version_ctes('survey_responses', ['response_id'], window_columns) }}

select * from final
