{{ config(materialized='view') }}

with contacts as (

    select
        *,
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
        contacts.cost_amount,
        case
            when coalesce(campaigns.currency, '{{ reporting_currency() }}') = '{{ reporting_currency() }}' then 1
            else coalesce(rates.exchange_rate, last_rates.exchange_rate)
        end as exchange_rate,
        contacts.sent_date,
        contacts.sent_at
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
        coalesce({{ money('cost_amount', 'exchange_rate') }}, 0) as cost_amount,
        sent_date,
        sent_at
    from rated

)

select * from final
