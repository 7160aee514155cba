with customers as (

    select * from {{ ref('feat_customers_known') }}

),

orders as (

    select * from {{ ref('feat_customer_orders') }}

),

rfm as (

    select * from {{ ref('customer_rfm') }}

),

tiers as (

    select * from {{ ref('feat_customer_value') }}

),

lifetime_value as (

    select * from {{ ref('customer_lifetime_value') }}

),

lifecycle as (

    select * from {{ ref('customer_lifecycle') }}

),

risk as (

    select * from {{ ref('customer_churn_risk') }}

),

priorities as (

    select * from {{ ref('customer_priority') }}

),

referrals as (

    select * from {{ ref('feat_customer_referrals') }}

),

contacts as (

    select * from {{ ref('feat_customer_contacts') }}

),

merged as (

    select * from {{ ref('int_records_merge') }}

),

record_ids as (

    select
        customer_id,
        {{ string_list('record_id', order_by='record_id') }} as source_customer_ids,
        {{ json_list('record_id', order_by='record_id') }} as source_customer_ids_json
    from merged
    group by customer_id

),

final as (

    select
        cast(customers.customer_id as varchar) as customer_id,
        cast(coalesce(record_ids.source_customer_ids, customers.customer_id) as varchar) as source_customer_ids,
        cast(
            coalesce(
                record_ids.source_customer_ids_json, '[' || {{ json_string('customers.customer_id') }} || ']'
            ) as varchar
        ) as source_customer_ids_json,
        cast(customers.account_id as varchar) as account_id,
        cast(customers.referrer_customer_id as varchar) as referrer_customer_id,
        cast(customers.acquisition_campaign_id as varchar) as acquisition_campaign_id,
        cast(customers.acquisition_channel as varchar) as acquisition_channel,
        cast(customers.country as varchar) as country,
        cast(customers.region as varchar) as region,
        cast(customers.city as varchar) as city,
        cast(customers.language as varchar) as language,
        cast(contacts.preferred_channel as varchar) as preferred_channel,
        cast(coalesce(rfm.rfm_segment, 'unknown') as varchar) as rfm_segment,
        cast(tiers.value_tier as varchar) as value_tier,
        cast(coalesce(lifetime_value.clv_tier, 'unknown') as varchar) as clv_tier,
        cast(lifecycle.lifecycle_stage as varchar) as lifecycle_stage,
        cast(lifecycle.relationship_stage as varchar) as relationship_stage,
        cast(risk.risk_band as varchar) as churn_risk_band,
        cast(priorities.priority as varchar) as priority,
        cast(orders.order_count as bigint) as order_count,
        cast(orders.purchase_days as bigint) as purchase_days,
        cast(orders.ticket_count as bigint) as ticket_count,
        cast(coalesce(referrals.referred_customers, 0) as bigint) as referred_customers,
        cast({{ days_between('orders.last_order_date', as_of_date()) }} as integer) as days_since_last_order,
        cast(orders.gross_revenue as decimal(18, 2)) as gross_revenue,
        cast(orders.discounts as decimal(18, 2)) as discounts,
        cast(orders.refunds as decimal(18, 2)) as refunds,
        cast(orders.net_revenue as decimal(18, 2)) as net_revenue,
        cast(orders.gross_margin as decimal(18, 2)) as gross_margin,
        cast(orders.margin as decimal(18, 2)) as margin,
        cast(orders.average_order_value as decimal(18, 2)) as average_order_value,
        cast(coalesce(referrals.referred_net_revenue, 0) as decimal(18, 2)) as referred_net_revenue,
        cast(coalesce(referrals.referred_margin, 0) as decimal(18, 2)) as referred_margin,
        cast(lifetime_value.predicted_clv as decimal(18, 2)) as predicted_clv,
        cast(lifetime_value.probability_alive as double precision) as probability_alive,
        cast(customers.is_inferred as boolean) as is_inferred,
        cast(customers.marketing_consent as boolean) as has_marketing_consent,
        cast(customers.first_seen_date as date) as first_seen_date,
        cast(contacts.last_contact_date as date) as last_contact_date,
        {{ as_of_date() }} as as_of_date,
        cast(orders.first_order_at as timestamp) as first_order_at,
        cast(orders.last_order_at as timestamp) as last_order_at,
        cast(customers.created_at as timestamp) as created_at
    from customers
    inner join orders
        on customers.customer_id = orders.customer_id
    left join rfm
        on customers.customer_id = rfm.customer_id
    left join tiers
        on customers.customer_id = tiers.customer_id
    left join lifetime_value
        on customers.customer_id = lifetime_value.customer_id
    left join lifecycle
        on customers.customer_id = lifecycle.customer_id
    left join risk
        on customers.customer_id = risk.customer_id
    left join priorities
        on customers.customer_id = priorities.customer_id
    left join referrals
        on customers.customer_id = referrals.customer_id
    left join contacts
        on customers.customer_id = contacts.customer_id
    left join record_ids
        on customers.customer_id = record_ids.customer_id

)

select * from final
