{% set window_columns = ['spend_date', 'updated_at'] %}

with {{ landed_ctes('marketing_spend', window_columns) }},

rates as (

    select * from {{ ref('base_reporting_rates') }}

),

typed as not materialized (

    select
        {{ published_id('campaign_id') }} as campaign_id,
        {{ try_cast_text('channel', 'text') }} as channel,
        {{ currency_code('currency') }} as currency,
        {{ typed('amount', 'decimal') }},
        {{ typed('is_deleted', 'boolean') }},
        {{ typed('spend_date', 'date') }},
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

rated as not materialized (

    select
        typed.*,
        {{ exchange_rate('typed.currency') }} as exchange_rate
    from typed
    left join rates
        on
            typed.currency = rates.currency
            and typed.spend_date = rates.rate_day
    left join rates as last_rates
        on
            typed.currency = last_rates.currency
            and last_rates.is_last
            and typed.spend_date > last_rates.rate_day

),

checked as not materialized (

    select
        campaign_id,
        channel,
        currency,
        amount,
        exchange_rate,
        is_deleted,
        spend_date,
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
            {{ when_not_a('date', 'spend_date', required=true) }}
            {{ when_missing('channel') }}
            {{ when_not_a('decimal', 'amount', required=true) }}
            when exchange_rate is null then 'currency has no exchange rate'
            {{ when_not_a('timestamp', 'updated_at') }}
            {{ when_not_a('boolean', 'is_deleted') }}
        end as _reason
    from rated

),

{{ version_ctes('marketing_spend', ['_source', 'spend_date', 'channel'], window_columns) }}

select * from final
