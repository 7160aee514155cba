{% set window_columns = ['refunded_at', 'updated_at'] %}

with {{ landed_ctes('refunds', window_columns) }},

rates as (

    select * from {{ ref('base_reporting_rates') }}

),

typed as not materialized (

    select
        {{ published_id('refund_id') }} as refund_id,
        {{ try_cast_text('refund_id', 'text') }} as source_refund_id,
        {{ published_id('order_id') }} as order_id,
        {{ try_cast_text('line_id', 'text') }} as line_id,
        upper({{ try_cast_text('currency', 'text') }}) as currency,
        {{ try_cast_text('reason', 'text') }} as reason,
        {{ typed('amount', 'decimal') }},
        {{ typed('is_deleted', 'boolean') }},
        {{ typed('refunded_at', 'timestamp') }},
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
        {{ business_date('refunded_at') }} as refund_date
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
            and dated.refund_date = rates.rate_day
    left join rates as last_rates
        on
            dated.currency = last_rates.currency
            and last_rates.is_last
            and dated.refund_date > last_rates.rate_day

),

checked as not materialized (

    select
        refund_id,
        source_refund_id,
        order_id,
        line_id,
        currency,
        reason,
        amount,
        exchange_rate,
        is_deleted,
        refund_date,
        refunded_at,
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
            {{ when_missing('refund_id') }}
            {{ when_missing('order_id') }}
            {{ when_not_a('timestamp', 'refunded_at', required=true) }}
            {{ when_before_1970('refunded_at') }}
            {{ when_not_a('decimal', 'amount', required=true) }}
            when currency is not null and exchange_rate is null then 'currency has no exchange rate'
            {{ when_not_a('timestamp', 'updated_at') }}
            {{ when_not_a('boolean', 'is_deleted') }}
        end as _reason
    from rated

),

{{ version_ctes('refunds', ['refund_id'], window_columns) }}

select * from final
