with purchase_days as (

    select * from {{ ref('purchase_days') }}
    where purchase_date <= {{ as_of_date() }}

),

cadences as (

    select * from {{ ref('feat_customer_cadence') }}

),

-- no churn limit is below its floor (or its ceiling), so shorter gaps need no history
long_gaps as (

    select
        customer_id,
        purchase_number,
        gap_days,
        purchase_date
    from purchase_days
    where
        {{ days_between('purchase_date', as_of_date()) }} <= {{ var('reactivated_days') }}
        and gap_days > least({{ var('churn_floor_days') }}, {{ var('churn_ceiling_days') }})

),

earlier_medians as (

    select
        long_gaps.customer_id,
        long_gaps.purchase_number,
        {{ median('purchase_days.gap_days') }} as median_gap_days
    from long_gaps
    inner join purchase_days
        on long_gaps.customer_id = purchase_days.customer_id
    where
        long_gaps.purchase_number >= 4
        and purchase_days.gap_days is not null
        and purchase_days.purchase_number < long_gaps.purchase_number
        and purchase_days.purchase_number >= long_gaps.purchase_number - {{ var('cadence_gaps') }}
    group by long_gaps.customer_id, long_gaps.purchase_number

),

cadence_of_that_time as (

    select
        long_gaps.customer_id,
        long_gaps.gap_days,
        long_gaps.purchase_date,
        {{ cadence_within_bounds('coalesce(earlier_medians.median_gap_days, cadences.population_cadence_days)') }}
            as cadence_days
    from long_gaps
    inner join cadences
        on long_gaps.customer_id = cadences.customer_id
    left join earlier_medians
        on
            long_gaps.customer_id = earlier_medians.customer_id
            and long_gaps.purchase_number = earlier_medians.purchase_number

),

final as (

    select
        customer_id,
        max(gap_days) as longest_gap_days,
        max(purchase_date) as returned_on
    from cadence_of_that_time
    where gap_days > {{ churn_limit_days('cadence_days') }}
    group by customer_id

)

select * from final
