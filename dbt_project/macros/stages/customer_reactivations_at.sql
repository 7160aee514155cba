{#- A query: whom a purchase of the last reactivated_days days up to a day brought back, one row per such customer.

    cadences: the relation of customer_cadences_at(day). each, days: see customer_positions_at(). No churn limit is below its floor (or its ceiling), so shorter
    gaps are left out at once. -#}
{% macro customer_reactivations_at(cadences, day, each=none, days=none) -%}
with long_gaps as (

    select
        {{ each_day(each, 'days') }}
        customer_id,
        gap_days,
        earlier_median_gap_days,
        purchase_date
    from {{ ref('core_purchase_days') }}
    {{ 'cross join ' ~ days ~ ' as days' if each }}
    where
        purchase_date <= {{ day }}
        and purchase_date >= {{ add_days(day, -var('reactivated_days')) }}
        and gap_days > least({{ var('churn_floor_days') }}, {{ var('churn_ceiling_days') }})

),

cadence_of_that_time as (

    select
        {{ each_day(each, 'long_gaps') }}
        long_gaps.customer_id,
        long_gaps.gap_days,
        long_gaps.purchase_date,
        {{ cadence_within_bounds('coalesce(long_gaps.earlier_median_gap_days, cadences.population_cadence_days)') }}
            as cadence_days
    from long_gaps
    inner join {{ cadences }} as cadences
        on
            long_gaps.customer_id = cadences.customer_id
            {{ and_same_day(each, 'long_gaps', 'cadences') }}

),

final as (

    select
        {{ each_day(each) }}
        customer_id,
        max(gap_days) as longest_gap_days,
        max(purchase_date) as returned_on
    from cadence_of_that_time
    where gap_days > {{ churn_limit_days('cadence_days') }}
    group by {{ each_day(each) }} customer_id

)

select * from final
{%- endmacro %}
