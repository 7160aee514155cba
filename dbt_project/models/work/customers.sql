with delivered as (

    select
        *,
        {{ business_date('created_at') }} as created_date
    from {{ ref('stg_customers') }}

),

events as (

    select * from {{ ref('int_customers_find_first_event') }}

),

excluded_customers as (

    select * from {{ ref('excluded_customers') }}

),

everybody as (

    select
        coalesce(delivered.customer_id, events.customer_id) as customer_id,
        delivered.acquisition_campaign_id,
        delivered.referrer_customer_id,
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
        delivered.interests,
        delivered.household_size,
        delivered.marketing_consent,
        delivered.birth_date,
        delivered.customer_id is null as is_inferred,
        delivered.created_date,
        events.first_event_date,
        case when delivered.customer_id is null then events.first_event_date else delivered.created_date end
            as first_seen_date,
        delivered.created_at
    from delivered
    full outer join events
        on delivered.customer_id = events.customer_id

),

final as (

    select
        everybody.*,
        excluded_customers.customer_id is not null as is_excluded
    from everybody
    left join excluded_customers
        on everybody.customer_id = excluded_customers.customer_id

)

select * from final
