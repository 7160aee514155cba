{% set window_columns = ['ordered_at', 'updated_at'] %}

with {{ landed_ctes('orders', window_columns) }},

status_map as (

    select * from {{ ref('map_order_status') }}

),

rates as (

    select * from {{ ref('base_reporting_rates') }}

),

typed as not materialized (

    select
        {{ published_id('order_id') }} as order_id,
        {{ try_cast_text('order_id', 'text') }} as source_order_id,
        {{ published_id('customer_id') }} as customer_id,
        {{ published_id('campaign_id') }} as campaign_id,
        {{ try_cast_text('status', 'text') }} as delivered_status,
        {{ currency_code('currency') }} as currency,
        {{ try_cast_text('channel', 'text') }} as channel,
        {{ typed('subtotal_amount', 'decimal') }},
        {{ typed('discount_amount', 'decimal') }},
        {{ typed('tax_amount', 'decimal') }},
        {{ typed('shipping_amount', 'decimal') }},
        {{ typed('total_amount', 'decimal') }},
        {{ typed('is_deleted', 'boolean') }},
        {{ typed('ordered_at', 'timestamp') }},
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
        {{ business_date('ordered_at') }} as order_date
    from typed

),

rated as not materialized (

    select
        dated.*,
        {{ exchange_rate('dated.currency') }} as exchange_rate,
        case
            when dated._delivered_columns not like '%,status,%' then 'completed'
            else status_map.status
        end as status
    from dated
    left join status_map
        on lower(dated.delivered_status) = status_map.delivered_status
    left join rates
        on
            dated.currency = rates.currency
            and dated.order_date = rates.rate_day
    left join rates as last_rates
        on
            dated.currency = last_rates.currency
            and last_rates.is_last
            and dated.order_date > last_rates.rate_day

),

checked as not materialized (

    select
        order_id,
        source_order_id,
        customer_id,
        campaign_id,
        status,
        delivered_status,
        currency,
        channel,
        subtotal_amount,
        discount_amount,
        tax_amount,
        shipping_amount,
        total_amount,
        exchange_rate,
        is_deleted,
        order_date,
        ordered_at,
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
            {{ when_missing('order_id') }}
            {{ when_not_a('timestamp', 'ordered_at', required=true) }}
            {{ when_before_1970('ordered_at') }}
            when status is null and delivered_status is null then 'status is missing'
            when status is null then 'status is unknown'
            when exchange_rate is null then 'currency has no exchange rate'
            {{ when_not_a('decimal', 'subtotal_amount') }}
            {{ when_not_a('decimal', 'discount_amount') }}
            {{ when_not_a('decimal', 'tax_amount') }}
            {{ when_not_a('decimal', 'shipping_amount') }}
            {{ when_not_a('decimal', 'total_amount') }}
            {{ when_not_a('timestamp', 'updated_at') }}
            {{ when_not_a('boolean', 'is_deleted') }}
        end as _reason
    from rated

),

{{ version_ctes('orders', ['order_id'], window_columns) }}

select * from final
