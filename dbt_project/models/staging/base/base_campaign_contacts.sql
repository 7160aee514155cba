{% set window_columns = ['sent_at', 'opened_at', 'clicked_at', 'responded_at', 'updated_at'] %}

with {{ landed_ctes('campaign_contacts', window_columns) }},

typed as not materialized (

    select
        {{ published_id('campaign_id') }} as campaign_id,
        {{ try_cast_text('campaign_id', 'text') }} as source_campaign_id,
        {{ published_id('customer_id') }} as customer_id,
        {{ try_cast_text('arm', 'text') }} as arm,
        {{ typed('cost_amount', 'decimal') }},
        {{ typed('is_deleted', 'boolean') }},
        {{ typed('sent_at', 'timestamp') }},
        {{ typed('opened_at', 'timestamp') }},
        {{ typed('clicked_at', 'timestamp') }},
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
        campaign_id,
        source_campaign_id,
        customer_id,
        arm,
        cost_amount,
        is_deleted,
        sent_at,
        opened_at,
        clicked_at,
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
            {{ when_missing('campaign_id') }}
            {{ when_missing('customer_id') }}
            {{ when_not_a('timestamp', 'sent_at', required=true) }}
            {{ when_not_a('timestamp', 'opened_at') }}
            {{ when_not_a('timestamp', 'clicked_at') }}
            {{ when_not_a('timestamp', 'responded_at') }}
            {{ when_not_a('decimal', 'cost_amount') }}
            {{ when_not_a('timestamp', 'updated_at') }}
            {{ when_not_a('boolean', 'is_deleted') }}
        end as _reason
    from typed

),

{{ version_ctes('campaign_contacts', ['campaign_id', 'customer_id'], window_columns) }}

select * from final
