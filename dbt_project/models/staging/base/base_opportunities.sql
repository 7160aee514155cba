{% set window_columns = ['created_at', 'closed_at', 'updated_at'] %}

with {{ landed_ctes('opportunities', window_columns) }},

rates as (

    select * from {{ ref('base_reporting_rates') }}

),

typed as not materialized (

    select
        {{ published_id('opportunity_id') }} as opportunity_id,
        {{ try_cast_text('opportunity_id', 'text') }} as source_opportunity_id,
        {{ published_id('account_id') }} as account_id,
        {{ published_id('customer_id') }} as customer_id,
        {{ try_cast_text('name', 'text') }} as name,
        {{ try_cast_text('stage', 'text') }} as stage,
        {{ currency_code('currency') }} as currency,
        {{ typed('amount', 'decimal') }},
        {{ typed('is_won', 'boolean') }},
        {{ typed('is_deleted', 'boolean') }},
        {{ typed('created_at', 'timestamp') }},
        {{ typed('closed_at', 'timestamp') }},
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
        {{ business_date('created_at') }} as created_date
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
            and dated.created_date = rates.rate_day
    left join rates as last_rates
        on
            dated.currency = last_rates.currency
            and last_rates.is_last
            and dated.created_date > last_rates.rate_day

),

checked as not materialized (

    select
        opportunity_id,
        source_opportunity_id,
        account_id,
        customer_id,
        name,
        stage,
        currency,
        amount,
        exchange_rate,
        is_won,
        is_deleted,
        created_at,
        closed_at,
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
            {{ when_missing('opportunity_id') }}
            {{ when_not_a('decimal', 'amount') }}
            when exchange_rate is null and amount is not null then 'currency has no exchange rate'
            {{ when_not_a('timestamp', 'created_at', required=true) }}
            {{ when_not_a('timestamp', 'closed_at') }}
            {{ when_not_a('boolean', 'is_won') }}
            {{ when_not_a('timestamp', 'updated_at') }}
            {{ when_not_a('boolean', 'is_deleted') }}
        end as _reason
    from rated

),

{{ version_ctes('opportunities', ['opportunity_id'], window_columns) }}

select * from final
