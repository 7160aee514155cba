with interactions as (

    select
        *,
        {{ business_date('occurred_at') }} as created_date
    from {{ ref('int_interactions_assign') }}

),

excluded_customers as (

    select * from {{ ref('int_customers_exclude') }}

),

final as (

    select
        interactions.interaction_id,
        interactions.customer_id,
        interactions.channel,
        interactions.direction,
        interactions.kind,
        interactions.created_date as contact_date
    from interactions
    left join excluded_customers
        on interactions.customer_id = excluded_customers.customer_id
    where
        interactions.created_date <= {{ as_of_date() }}
        and excluded_customers.customer_id is null

)

select * from final
