with campaigns as (

    select * from {{ ref('stg_campaigns') }}

),

arms as (

    select
        campaign_id,
        min(start_date) as first_contact_date,
        max(start_date) as last_contact_date
    from {{ ref('feat_campaign_arms') }}
    group by campaign_id

),

-- a campaign that only its contacts name is one as well
final as (

    select
        coalesce(campaigns.campaign_id, arms.campaign_id) as campaign_id,
        campaigns.name as campaign_name,
        campaigns.channel,
        campaigns.objective,
        coalesce({{ money('campaigns.cost_amount', 'campaigns.exchange_rate') }}, 0) as campaign_cost,
        campaigns.campaign_id is null as is_inferred,
        {{ business_date('campaigns.started_at') }} as start_date,
        {{ business_date('campaigns.ended_at') }} as end_date,
        arms.first_contact_date,
        arms.last_contact_date
    from campaigns
    full outer join arms
        on campaigns.campaign_id = arms.campaign_id
    where
        arms.campaign_id is not null
        or coalesce({{ business_date('campaigns.started_at') }} <= {{ as_of_date() }}, true)

)

select * from final
