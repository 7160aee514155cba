with campaigns as (

    select * from {{ ref('feat_campaigns') }}

),

final as (

    select
        cast(campaign_id as varchar) as campaign_id,
        cast(campaign_name as varchar) as campaign_name,
        cast(channel as varchar) as channel,
        cast(objective as varchar) as objective,
        cast(campaign_cost as decimal(18, 2)) as campaign_cost,
        cast(is_inferred as boolean) as is_inferred,
        cast(start_date as date) as start_date,
        cast(end_date as date) as end_date,
        cast(first_contact_date as date) as first_contact_date,
        cast(last_contact_date as date) as last_contact_date,
        {{ as_of_date() }} as as_of_date
    from campaigns

)

select * from final
