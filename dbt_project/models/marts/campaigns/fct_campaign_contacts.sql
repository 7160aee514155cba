with contacts as (

    select * from {{ ref('feat_campaign_arms') }}

),

final as (

    select
        cast(contact_id as varchar) as contact_id,
        cast(campaign_id as varchar) as campaign_id,
        cast(customer_id as varchar) as customer_id,
        cast(arm as varchar) as arm,
        cast(case when is_counted then cost_amount else 0 end as decimal(18, 2)) as contact_cost,
        cast(is_counted as boolean) as is_counted,
        cast(start_date as date) as start_date,
        cast(started_at as timestamp) as started_at,
        cast(sent_at as timestamp) as sent_at,
        cast(bounced_at as timestamp) as bounced_at,
        cast(opened_at as timestamp) as opened_at,
        cast(clicked_at as timestamp) as clicked_at,
        cast(responded_at as timestamp) as responded_at,
        cast(unsubscribed_at as timestamp) as unsubscribed_at
    from contacts

)

select * from final
