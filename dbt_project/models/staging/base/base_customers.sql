{% set window_columns = ['created_at', 'birth_date', 'updated_at'] %}

with {{ landed_ctes('customers', window_columns) }},

typed as not materialized (

    select
        {{ published_id('customer_id') }} as customer_id,
        {{ try_cast_text('customer_id', 'text') }} as source_customer_id,
        {{ published_id('acquisition_campaign_id') }} as acquisition_campaign_id,
        {{ published_id('referrer_customer_id') }} as referrer_customer_id,
        {{ published_id('account_id') }} as account_id,
        {{ try_cast_text('first_name', 'text') }} as first_name,
        {{ try_cast_text('last_name', 'text') }} as last_name,
        {{ try_cast_text('full_name', 'text') }} as full_name,
        {{ try_cast_text('email', 'text') }} as email,
        {{ try_cast_text('phone', 'text') }} as phone,
        {{ try_cast_text('gender', 'text') }} as gender,
        {{ try_cast_text('income_band', 'text') }} as income_band,
        {{ try_cast_text('education', 'text') }} as education,
        {{ try_cast_text('occupation', 'text') }} as occupation,
        {{ try_cast_text('marital_status', 'text') }} as marital_status,
        {{ try_cast_text('country', 'text') }} as country,
        {{ try_cast_text('region', 'text') }} as region,
        {{ try_cast_text('city', 'text') }} as city,
        {{ try_cast_text('postal_code', 'text') }} as postal_code,
        {{ try_cast_text('acquisition_channel', 'text') }} as acquisition_channel,
        {{ try_cast_text('language', 'text') }} as language,
        {{ try_cast_text('interests', 'text') }} as interests,
        {{ try_cast_text('external_ids', 'text') }} as external_ids,
        {{ typed('household_size', 'integer') }},
        {{ typed('marketing_consent', 'boolean') }},
        {{ typed('is_deleted', 'boolean') }},
        {{ typed('birth_date', 'date') }},
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
        customer_id,
        source_customer_id,
        acquisition_campaign_id,
        referrer_customer_id,
        account_id,
        first_name,
        last_name,
        full_name,
        email,
        phone,
        gender,
        income_band,
        education,
        occupation,
        marital_status,
        country,
        region,
        city,
        postal_code,
        acquisition_channel,
        language,
        interests,
        external_ids,
        household_size,
        marketing_consent,
        is_deleted,
        birth_date,
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
            {{ when_missing('customer_id') }}
            {{ when_not_a('timestamp', 'created_at') }}
            {{ when_not_a('date', 'birth_date') }}
            {{ when_not_a('integer', 'household_size') }}
            {{ when_not_a('boolean', 'marketing_consent') }}
            {{ when_not_a('timestamp', 'updated_at') }}
            {{ when_not_a('boolean', 'is_deleted') }}
        end as _reason
    from typed

),

{{ version_ctes('customers', ['customer_id'], window_columns) }}

select * from final
