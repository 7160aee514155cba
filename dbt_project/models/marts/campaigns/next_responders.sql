with outcomes as (

    select * from {{ ref('feat_campaign_outcomes') }}
    where
        is_complete
        and not is_in_both_arms
        and arm = 'treatment'

),

stages as (

    select * from {{ ref('feat_customer_stages') }}

),

-- how those responded who were then where the customer is now
rates as (

    select
        lifecycle,
        {{ ratio('sum(case when has_responded then 1 else 0 end)', 'count(*)') }} as rate
    from outcomes
    group by lifecycle

),

whole as (

    select {{ ratio('sum(case when has_responded then 1 else 0 end)', 'count(*)') }} as rate
    from outcomes

),

totals as (

    select
        customer_id,
        count(*) as contacts,
        sum(case when has_responded then 1 else 0 end) as responses
    from outcomes
    group by customer_id

),

final as (

    select
        cast(totals.customer_id as varchar) as customer_id,
        cast(totals.contacts as bigint) as contacts,
        cast(totals.responses as bigint) as responses,
        cast(coalesce(rates.rate, whole.rate) as double precision) as segment_rate,
        cast(
            (totals.responses + 5 * coalesce(rates.rate, whole.rate)) / (totals.contacts + 5) as double precision
        ) as expected_response_rate,
        {{ as_of_date() }} as as_of_date
    from totals
    inner join stages
        on totals.customer_id = stages.customer_id
    left join rates
        on stages.lifecycle_stage = rates.lifecycle
    cross join whole

)

select * from final
