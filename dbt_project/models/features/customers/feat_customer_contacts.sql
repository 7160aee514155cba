{{ config(materialized='view') }}

with customers as (

    select * from {{ ref('feat_customers_known') }}

),

order_behaviour as (

    select * from {{ ref('feat_customer_order_behaviour') }}

),

campaigns as (

    select * from {{ ref('feat_campaigns') }}

),

-- whom a campaign held back, or whose message came back, it did not contact; an open is often a machine's
sent as (

    select
        arms.customer_id,
        campaigns.channel,
        arms.sent_date as contact_date,
        arms.clicked_at is not null or arms.responded_at is not null as is_answered
    from {{ ref('feat_campaign_arms') }} as arms
    left join campaigns
        on arms.campaign_id = campaigns.campaign_id
    where
        arms.arm = 'treatment'
        and arms.sent_date is not null
        and arms.bounced_at is null

),

-- who is spoken with answers; of an e-mail that the company wrote nobody knows
contacts as (

    select
        customer_id,
        channel,
        contact_date,
        is_answered
    from sent
    union all
    select
        customer_id,
        channel,
        contact_date,
        coalesce(lower(kind), '') <> 'email' or coalesce(lower(direction), '') <> 'outbound' as is_answered
    from {{ ref('feat_interactions') }}
    where customer_id is not null

),

by_channel as (

    select
        customer_id,
        channel,
        sum(case when is_answered then 1 else 0 end) as answered,
        max(contact_date) as last_contact_date,
        max(case when is_answered then contact_date end) as last_answered_date
    from contacts
    group by customer_id, channel

),

-- the channel of most answers; of equal ones the most recent, then the first by alphabet. No channel is none of them
ranked as (

    select
        *,
        row_number() over (
            partition by customer_id
            order by
                case when channel is null or answered = 0 then 1 else 0 end asc,
                answered desc,
                last_answered_date desc,
                channel asc
        ) as place
    from by_channel

),

summed as (

    select
        customer_id,
        max(case when place = 1 and answered > 0 then channel end) as answered_channel,
        max(last_contact_date) as last_contact_date
    from ranked
    group by customer_id

),

final as (

    select
        customers.customer_id,
        coalesce(customers.preferred_channel, summed.answered_channel, order_behaviour.main_channel)
            as preferred_channel,
        summed.last_contact_date
    from customers
    left join summed
        on customers.customer_id = summed.customer_id
    left join order_behaviour
        on customers.customer_id = order_behaviour.customer_id

)

select * from final
