with customers as (

    select * from {{ ref('core_customers') }}
    where not is_excluded

),

-- a record that was created after D says nothing at D, not even that it is there
dated as (

    select
        *,
        not is_inferred and coalesce(created_date, {{ as_of_date() }}) <= {{ as_of_date() }} as is_delivered,
        -- least() passes over nulls: a record without a day must not get that of an event
        case when is_inferred or created_date is not null then least(created_date, first_event_date) end as known_from
    from customers

),

final as (

    select
        customer_id,
        not is_delivered as is_inferred,
        case when is_delivered then acquisition_campaign_id end as acquisition_campaign_id,
        -- nobody brings themselves: two records of one person may say so
        case when is_delivered and referrer_customer_id <> customer_id then referrer_customer_id end
            as referrer_customer_id,
        case when is_delivered then account_id end as account_id,
        case when is_delivered then acquisition_channel end as acquisition_channel,
        case when is_delivered then country end as country,
        case when is_delivered then region end as region,
        case when is_delivered then city end as city,
        case when is_delivered then language end as language,
        case when is_delivered then preferred_channel end as preferred_channel,
        case when is_delivered then marketing_consent end as marketing_consent,
        case when is_delivered then created_date else first_event_date end as first_seen_date,
        known_from,
        case when first_event_date <= {{ as_of_date() }} then first_event_date end as first_event_date,
        case when is_delivered then created_at end as created_at
    from dated
    where
        is_delivered
        or first_event_date <= {{ as_of_date() }}

)

select * from final
