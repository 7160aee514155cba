{{ config(materialized='table') }}

{%- set entities = [
    ('base_orders', 'customer_id', 'order_date'),
    ('base_tickets', 'customer_id', business_date('created_at')),
    ('base_survey_responses', 'customer_id', business_date('responded_at')),
    ('base_interactions', 'customer_id', business_date('occurred_at')),
    ('base_campaign_contacts', 'customer_id', business_date('sent_at')),
    ('base_loyalty_transactions', 'customer_id', business_date('occurred_at')),
    ('base_web_events', 'customer_id', business_date('occurred_at')),
    ('base_opportunities', 'customer_id', business_date('created_at')),
    ('base_leads', 'converted_customer_id', business_date('coalesce(converted_at, created_at)')),
    ('base_customers', 'customer_id', none),
    ('base_leads', lead_record_id(), none),
] %}

with landed as (

    {% for model, record, happened_on in entities %}
    select
        {{ record }} as record_id,
        {%- if happened_on is none %}
        cast(null as date) as first_event_date,
        0 as has_event,
        {%- else %}
        min(case when _disposition = 'staged' then {{ happened_on }} end) as first_event_date,
        max(case when _disposition = 'staged' then 1 else 0 end) as has_event,
        {%- endif %}
        min(_extracted_at) as first_seen_at
    from {{ ref(model) }}
    where {{ record }} is not null
    group by {{ record }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

final as (

    select
        record_id,
        max(has_event) = 1 as is_in_event,
        min(first_event_date) as first_event_date,
        min(first_seen_at) as first_seen_at
    from landed
    group by record_id

)

select * from final
