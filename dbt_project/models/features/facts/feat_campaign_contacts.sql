with contacts as (

    select * from {{ ref('core_campaign_contacts') }}
    where sent_date <= {{ as_of_date() }}

),

final as (

    select
        campaign_id,
        customer_id,
        cost_amount,
        sent_date,
        sent_at
    from contacts

)

select * from final
