{% set window_columns = ['started_at', 'ended_at', 'updated_at'] %}

with {{ landed_ctes('campaigns', window_columns) }},

rates as (

    select * from {{ ref('base_reporting_rates') }}

),

typed as not materialized (

    select
        {{ published_id('campaign_id') }} as campaign_id,
        {{ try_cast_text('campaign_id', 'text') }} as source_campaign_id,
        {{ try_cast_text('name', 'text') }} as name,
        {{ try_cast_text('channel', 'text') }} as channel,
        {{ try_cast_text('objective', 'text') }} as objective,
        {{ currency_code('currency') }} as currency,
        {{ typed('cost_amount', 'decimal') }},
        {{ typed('is_deleted', 'boolean') }},
        {{ typed('started_at', 'timestamp') }},
        {{ typed('ended_at', 'timestamp') }},
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

dated as not materialized (

    select
        *,
        {{ business_date('started_at') }} as start_date
    from typed

),

rated as not materialized (

    select
        dated.*,
        {{ exchange_rate('dated.currency') }} as exchange_rate
    from dated
    left join rates
        on
            dated.currency = rates.currency
            and dated.start_date = rates.rate_day
    left join rates as last_rates
        on
            dated.currency = last_rates.currency
            and last_rates.is_last
            and (dated.start_date is null or dated.start_date > last_rates.rate_day)

),

checked as not materialized (

    select
        campaign_id,
        source_campaign_id,
        name,
        channel,
        objective,
        currency,
        cost_amount,
        exchange_rate,
        is_deleted,
        started_at,
        ended_at,
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
            {{ when_not_a('timestamp', 'started_at') }}
            {{ when_not_a('timestamp', 'ended_at') }}
            {{ when_not_a('decimal', 'cost_amount') }}
            when exchange_rate is null and cost_amount is not null then 'currency has no exchange rate'
            {{ when_not_a('timestamp', 'updated_at') }}
            {{ when_not_a('boolean', 'is_deleted') }}
        end as _reason
    from rated

),

{{ version_ctes('campaigns', ['campaign_id'], window_columns) }}

select * from final
