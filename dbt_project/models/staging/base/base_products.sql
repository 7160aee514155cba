{% set window_columns = ['updated_at'] %}

with {{ landed_ctes('products', window_columns) }},

rates as (

    select * from {{ ref('base_reporting_rates') }}

),

typed as not materialized (

    select
        {{ published_id('product_id') }} as product_id,
        {{ try_cast_text('product_id', 'text') }} as source_product_id,
        {{ try_cast_text('name', 'text') }} as name,
        {{ try_cast_text('brand', 'text') }} as brand,
        {{ currency_code('currency') }} as currency,
        {{ typed('list_price', 'decimal') }},
        {{ typed('unit_cost', 'decimal') }},
        {{ typed('is_active', 'boolean') }},
        {{ typed('is_deleted', 'boolean') }},
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
        case
            when typed.currency = '{{ reporting_currency() }}' then cast(1 as decimal(18, 8))
            else rates.exchange_rate
        end as exchange_rate
    from typed
    left join rates
        on
            typed.currency = rates.currency
            and rates.is_last

),

checked as not materialized (

    select
        product_id,
        source_product_id,
        name,
        brand,
        currency,
        list_price,
        unit_cost,
        exchange_rate,
        is_active,
        is_deleted,
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
            {{ when_missing('product_id') }}
            {{ when_not_a('decimal', 'list_price') }}
            {{ when_not_a('decimal', 'unit_cost') }}
            {{ when_not_a('boolean', 'is_active') }}
            {{ when_not_a('timestamp', 'updated_at') }}
            {{ when_not_a('boolean', 'is_deleted') }}
        end as _reason
    from rated

),

{{ version_ctes('products', ['product_id'], window_columns) }}

select * from final
