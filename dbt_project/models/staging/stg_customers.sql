with base as (

    select * from {{ ref('base_customers') }}

),

final as (

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
        _extra
    from base
    where _disposition = 'staged'

)

select * from final
