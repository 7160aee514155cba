with opportunities as (

    select
        *,
        {{ business_date('created_at') }} as created_date,
        case when {{ business_date('closed_at') }} <= {{ as_of_date() }} then closed_at end as closed_by_d
    from {{ ref('int_opportunities_assign') }}

),

excluded_customers as (

    select * from {{ ref('int_customers_exclude') }}

),

final as (

    select
        opportunities.opportunity_id,
        opportunities.account_id,
        opportunities.customer_id,
        coalesce(opportunities.stage, 'unknown') as stage,
        {{ money('opportunities.amount', 'opportunities.exchange_rate') }} as amount,
        opportunities.closed_by_d is null as is_open,
        opportunities.closed_by_d is not null and coalesce(opportunities.is_won, false) as is_won,
        opportunities.created_date,
        {{ business_date('opportunities.closed_by_d') }} as closed_date
    from opportunities
    left join excluded_customers
        on opportunities.customer_id = excluded_customers.customer_id
    where
        opportunities.created_date <= {{ as_of_date() }}
        and excluded_customers.customer_id is null

)

select * from final
