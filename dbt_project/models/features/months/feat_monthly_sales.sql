{{ config(materialized='view') }}

-- a lead that has not had its days yet says nothing; one that was converted before it was made was converted at once
with leads as (

    select
        {{ month_start('created_date') }} as month,
        1 as old_leads,
        case
            when {{ days_between('created_date', 'converted_date') }} <= {{ var('lead_conversion_days') }} then 1
            else 0
        end as converted_leads,
        0 as closed_opportunities,
        0 as won_opportunities
    from {{ ref('feat_leads') }}
    where {{ days_between('created_date', as_of_date()) }} >= {{ var('lead_conversion_days') }}

),

opportunities as (

    select
        {{ month_start('closed_date') }} as month,
        0 as old_leads,
        0 as converted_leads,
        1 as closed_opportunities,
        case when is_won then 1 else 0 end as won_opportunities
    from {{ ref('feat_opportunities') }}
    where closed_date is not null

),

together as (

    select * from leads
    union all
    select * from opportunities

),

final as (

    select
        month,
        sum(old_leads) as old_leads,
        sum(converted_leads) as converted_leads,
        sum(closed_opportunities) as closed_opportunities,
        sum(won_opportunities) as won_opportunities
    from together
    group by month

)

select * from final
