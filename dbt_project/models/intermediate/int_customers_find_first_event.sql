{%- set event_sources = [
    ('stg_orders', 'customer_id', 'ordered_at'),
    ('stg_tickets', 'customer_id', 'created_at'),
    ('stg_survey_responses', 'customer_id', 'responded_at'),
    ('stg_interactions', 'customer_id', 'occurred_at'),
    ('stg_campaign_contacts', 'customer_id', 'sent_at'),
    ('stg_loyalty_transactions', 'customer_id', 'occurred_at'),
    ('stg_web_events', 'customer_id', 'occurred_at'),
    ('stg_opportunities', 'customer_id', 'created_at'),
    ('stg_leads', 'converted_customer_id', 'coalesce(converted_at, created_at)'),
] -%}

with events as (

    {% for model, customer, happened_at in event_sources %}
    select
        {{ customer }} as customer_id,
        min({{ business_date(happened_at) }}) as first_event_date
    from {{ ref(model) }}
    where {{ customer }} is not null
    group by {{ customer }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

final as (

    select
        customer_id,
        min(first_event_date) as first_event_date
    from events
    group by customer_id

)

select * from final
