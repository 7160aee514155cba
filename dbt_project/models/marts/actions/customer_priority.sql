with customers as (

    select * from {{ ref('feat_customers_known') }}

),

tiers as (

    select * from {{ ref('feat_customer_value') }}

),

stages as (

    select * from {{ ref('feat_customer_stages') }}

),

risks as (

    select * from {{ ref('customer_churn_risk') }}

),

tickets as (

    select * from {{ ref('feat_tickets') }}
    where
        kind = 'complaint'
        and is_open
        and customer_id is not null

),

opportunities as (

    select * from {{ ref('feat_opportunities') }}
    where
        is_open
        and customer_id is not null

),

complaints as (

    select
        customer_id,
        count(*) as open_complaints
    from tickets
    group by customer_id

),

deals as (

    select
        customer_id,
        count(*) as open_opportunities
    from opportunities
    group by customer_id

),

-- from here on upwards lies the decile with most at risk
top_tenth as (

    select {{ percentile('revenue_at_risk', 0.9) }} as revenue_at_risk
    from risks
    where churn_probability is not null

),

measured as (

    select
        customers.customer_id,
        tiers.value_tier,
        coalesce(complaints.open_complaints, 0) as open_complaints,
        coalesce(deals.open_opportunities, 0) as open_opportunities,
        risks.churn_probability,
        coalesce(risks.revenue_at_risk, 0) as revenue_at_risk,
        stages.lifecycle_reason = 'silent_beyond_churn_limit' as is_churned,
        stages.lifecycle_reason = 'first_purchase_is_recent' as is_new,
        coalesce(complaints.open_complaints, 0) > 0 as has_open_complaint,
        coalesce(risks.churn_probability >= {{ var('risk_high') }}, false) as has_high_risk,
        coalesce(
            risks.churn_probability >= {{ var('risk_medium') }}
            and risks.revenue_at_risk > 0
            and cast(risks.revenue_at_risk as double precision) >= top_tenth.revenue_at_risk,
            false
        ) as has_much_at_risk
    from customers
    cross join top_tenth
    left join tiers
        on customers.customer_id = tiers.customer_id
    left join stages
        on customers.customer_id = stages.customer_id
    left join risks
        on customers.customer_id = risks.customer_id
    left join complaints
        on customers.customer_id = complaints.customer_id
    left join deals
        on customers.customer_id = deals.customer_id

),

judged as (

    select
        *,
        has_open_complaint or has_high_risk or has_much_at_risk as is_urgent
    from measured

),

-- whom a dedicated contact has time for
dedicated as (

    select
        *,
        value_tier = 'high'
        and is_urgent
        and row_number() over (
            partition by value_tier, is_urgent
            order by revenue_at_risk desc, customer_id asc
        ) <= {{ var('dedicated_capacity') }} as is_dedicated
    from judged

),

-- of the others of high value, those without a complaint share what is left of the regular contacts' time
regular as (

    select
        *,
        value_tier = 'high'
        and not is_dedicated
        and not has_open_complaint
        and row_number() over (
            partition by value_tier, is_dedicated, has_open_complaint
            order by revenue_at_risk desc, customer_id asc
        ) <= {{ var('regular_capacity') }} as is_regular
    from dedicated

),

prioritised as (

    select
        *,
        case
            when is_dedicated then 'P1'
            when has_open_complaint then 'P2'
            when is_regular then 'P2'
            when value_tier = 'medium' and is_urgent then 'P2'
            when value_tier in ('high', 'medium') then 'P3'
            when open_opportunities > 0 then 'P3'
            when is_churned then 'none'
            when is_new then 'P3'
            else 'P4'
        end as priority
    from regular

),

reasoned as (

    select
        *,
        case when has_open_complaint then ',open_complaint' else '' end
        || case when has_high_risk then ',high_risk' else '' end
        || case when has_much_at_risk then ',much_at_risk' else '' end as reasons
    from prioritised

),

final as (

    select
        cast(customer_id as varchar) as customer_id,
        cast(priority as varchar) as priority,
        cast(
            case
                when priority = 'P1' then 'dedicated'
                when priority in ('P2', 'P3') then 'regular'
                when priority = 'P4' then 'automated'
                else 'none'
            end as varchar
        ) as service_tier,
        cast(nullif(substr(reasons, 2), '') as varchar) as urgency_reasons,
        cast(value_tier as varchar) as value_tier,
        cast(open_complaints as bigint) as open_complaints,
        cast(open_opportunities as bigint) as open_opportunities,
        cast(churn_probability as double precision) as churn_probability,
        cast(revenue_at_risk as decimal(18, 2)) as revenue_at_risk,
        cast(is_urgent as boolean) as is_urgent,
        {{ as_of_date() }} as as_of_date
    from reasoned

)

select * from final
