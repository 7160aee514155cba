with purchase_days as (

    select * from {{ ref('purchase_days') }}
    where purchase_date <= {{ as_of_date() }}

),

customers as (

    select
        customer_id,
        max(purchase_number) as purchase_day_count,
        sum(
            case
                when {{ days_between('purchase_date', as_of_date()) }} < {{ var('loyal_window_days') }} then 1
                else 0
            end
        ) as purchase_days_in_window,
        min(purchase_date) as first_purchase_date,
        max(purchase_date) as last_purchase_date
    from purchase_days
    group by customer_id

),

-- n purchase days leave n - 1 gaps; the medians of the last ones, where there are at least two
medians as (

    select
        purchase_days.customer_id,
        {{ median('purchase_days.gap_days') }} as median_gap_days
    from purchase_days
    inner join customers
        on purchase_days.customer_id = customers.customer_id
    where
        customers.purchase_day_count >= 3
        and purchase_days.gap_days is not null
        and purchase_days.purchase_number > customers.purchase_day_count - {{ var('cadence_gaps') }}
    group by purchase_days.customer_id

),

history as (

    select {{ days_between('min(first_purchase_date)', as_of_date()) }} as history_days
    from customers

),

population_median as (

    select {{ median('median_gap_days') }} as median_gap_days
    from medians

),

population as (

    select
        case
            when history.history_days >= {{ var('cadence_min_history_days') }}
                then coalesce(population_median.median_gap_days, {{ var('default_cadence_days') }})
            else {{ var('default_cadence_days') }}
        end as cadence_days
    from history
    cross join population_median

),

final as (

    select
        customers.customer_id,
        customers.purchase_day_count,
        customers.purchase_days_in_window,
        {{ cadence_within_bounds('coalesce(medians.median_gap_days, population.cadence_days)') }} as own_cadence_days,
        {{ cadence_within_bounds('population.cadence_days') }} as population_cadence_days,
        medians.median_gap_days is not null as is_own_cadence,
        customers.first_purchase_date,
        customers.last_purchase_date
    from customers
    cross join population
    left join medians
        on customers.customer_id = medians.customer_id

)

select * from final
