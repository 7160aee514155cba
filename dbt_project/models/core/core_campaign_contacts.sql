{{ config(materialized='view') }}

with contacts as (

    select
        *,
        case
            when lower(arm) in ('control', 'control group', 'holdout', 'hold-out', 'held out', '对照', '对照组')
                then 'control'
            else 'treatment'
        end as known_arm,
        {{ business_date('sent_at') }} as sent_date
    from {{ ref('int_campaign_contacts_assign') }}

),

-- a campaign in quarantine still has a currency: without a rate its contacts are not taken for reporting currency
campaigns as (

    select
        campaign_id,
        coalesce(
            max(case when _disposition = 'staged' then currency end),
            max(case when _disposition = 'quarantined' then currency end)
        ) as currency
    from {{ ref('base_campaigns') }}
    where
        campaign_id is not null
        and _disposition in ('staged', 'quarantined')
    group by campaign_id

),

rates as (

    select * from {{ ref('base_reporting_rates') }}

),

-- a contact has no currency of its own: it costs in that of its campaign
rated as (

    select
        contacts.contact_id,
        contacts.campaign_id,
        contacts.customer_id,
        contacts.record_id,
        contacts.known_arm,
        contacts.cost_amount,
        case
            when coalesce(campaigns.currency, '{{ reporting_currency() }}') = '{{ reporting_currency() }}' then 1
            else coalesce(rates.exchange_rate, last_rates.exchange_rate)
        end as exchange_rate,
        contacts.sent_date,
        contacts.sent_at,
        -- who was held back is counted from when that was decided
        case
            when contacts.known_arm = 'control' then coalesce(contacts.assigned_at, contacts.sent_at)
            else coalesce(contacts.sent_at, contacts.assigned_at)
        end as started_at,
        contacts.bounced_at,
        contacts.opened_at,
        contacts.clicked_at,
        contacts.responded_at,
        contacts.unsubscribed_at
    from contacts
    left join campaigns
        on contacts.campaign_id = campaigns.campaign_id
    {{ join_rates('campaigns.currency', 'contacts.sent_date') }}

),

final as (

    select
        contact_id,
        campaign_id,
        customer_id,
        record_id,
        known_arm as arm,
        coalesce({{ money('cost_amount', 'exchange_rate') }}, 0) as cost_amount,
        sent_date,
        {{ business_date('started_at') }} as start_date,
        sent_at,
        started_at,
        bounced_at,
        opened_at,
        clicked_at,
        responded_at,
        unsubscribed_at
    from rated

)

select * from final
