with records as (

    select * from {{ ref('int_records_describe') }}

),

merged as (

    select * from {{ ref('int_records_merge') }}

),

survivors as (

    select * from {{ ref('int_customers_apply_survivorship') }}

),

events as (

    select * from {{ ref('int_customers_find_first_event') }}

),

excluded_customers as (

    select * from {{ ref('int_customers_exclude') }}

),

-- a person of one record is what that record says
singles as (

    select
        records.record_id as customer_id,
        {%- for attribute in surviving_attributes() %}
        records.{{ attribute }},
        {%- endfor %}
        records.created_at
    from records
    left join merged
        on records.record_id = merged.record_id
    where merged.record_id is null

),

delivered as (

    select * from singles
    union all
    select * from survivors

),

everybody as (

    select
        coalesce(delivered.customer_id, events.customer_id) as customer_id,
        delivered.acquisition_campaign_id,
        coalesce(referrers.customer_id, delivered.referrer_customer_id) as referrer_customer_id,
        delivered.account_id,
        delivered.gender,
        delivered.income_band,
        delivered.education,
        delivered.occupation,
        delivered.marital_status,
        delivered.country,
        delivered.region,
        delivered.city,
        delivered.acquisition_channel,
        delivered.language,
        delivered.preferred_channel,
        delivered.interests,
        delivered.household_size,
        delivered.marketing_consent,
        delivered.email_consent,
        delivered.sms_consent,
        delivered.phone_consent,
        delivered.birth_date,
        delivered.customer_id is null as is_inferred,
        {{ business_date('delivered.created_at') }} as created_date,
        events.first_event_date,
        delivered.created_at,
        delivered.consent_updated_at
    from delivered
    full outer join events
        on delivered.customer_id = events.customer_id
    left join merged as referrers
        on delivered.referrer_customer_id = referrers.record_id

),

final as (

    select
        everybody.customer_id,
        everybody.acquisition_campaign_id,
        everybody.referrer_customer_id,
        everybody.account_id,
        everybody.gender,
        everybody.income_band,
        everybody.education,
        everybody.occupation,
        everybody.marital_status,
        everybody.country,
        everybody.region,
        everybody.city,
        everybody.acquisition_channel,
        everybody.language,
        everybody.preferred_channel,
        everybody.interests,
        everybody.household_size,
        everybody.marketing_consent,
        everybody.email_consent,
        everybody.sms_consent,
        everybody.phone_consent,
        everybody.birth_date,
        everybody.is_inferred,
        everybody.created_date,
        everybody.first_event_date,
        case when everybody.is_inferred then everybody.first_event_date else everybody.created_date end
            as first_seen_date,
        everybody.created_at,
        everybody.consent_updated_at,
        excluded_customers.customer_id is not null as is_excluded
    from everybody
    left join excluded_customers
        on everybody.customer_id = excluded_customers.customer_id

)

select * from final
