{% set window_columns = ['created_at', 'updated_at'] %}

with {{ landed_ctes('accounts', window_columns) }},

typed as not materialized (

    select
        {{ published_id('account_id') }} as account_id,
        {{ try_cast_text('account_id', 'text') }} as source_account_id,
        {{ published_id('parent_account_id') }} as parent_account_id,
        {{ try_cast_text('name', 'text') }} as name,
        {{ try_cast_text('industry', 'text') }} as industry,
        {{ try_cast_text('currency', 'text') }} as currency,
        {{ try_cast_text('country', 'text') }} as country,
        {{ try_cast_text('region', 'text') }} as region,
        {{ try_cast_text('city', 'text') }} as city,
        {{ typed('employee_count', 'integer') }},
        {{ typed('annual_revenue', 'decimal') }},
        {{ typed('is_deleted', 'boolean') }},
        {{ typed('created_at', 'timestamp') }},
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
        account_id,
        source_account_id,
        parent_account_id,
        name,
        industry,
        currency,
        country,
        region,
        city,
        employee_count,
        annual_revenue,
        is_deleted,
        created_at,
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
            {{ when_missing('account_id') }}
            {{ when_not_a('integer', 'employee_count') }}
            {{ when_not_a('decimal', 'annual_revenue') }}
            {{ when_not_a('timestamp', 'created_at') }}
            {{ when_not_a('timestamp', 'updated_at') }}
            {{ when_not_a('boolean', 'is_deleted') }}
        end as _reason
    from typed

),

{{ version_ctes('accounts', ['account_id'], window_columns) }}

select * from final
