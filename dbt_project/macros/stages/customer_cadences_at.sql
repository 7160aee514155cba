{#- A query: the rhythm of purchases at the end of a day, one row per customer who has bought.

    positions: the relation of customer_positions_at(day). each: see each_day(). -#}
{% macro customer_cadences_at(positions, day, each=none) -%}
with population as (

    select
        {{ each_day(each) }}
        case
            when {{ days_between('min(first_purchase_date)', day) }} >= {{ var('cadence_min_history_days') }}
                then coalesce({{ median('median_gap_days') }}, {{ var('default_cadence_days') }})
            else {{ var('default_cadence_days') }}
        end as cadence_days
    from {{ positions }}
    {{ group_by_day(each) }}

),

final as (

    select
        {{ each_day(each, 'positions') }}
        positions.customer_id,
        positions.purchase_day_count,
        positions.purchase_days_in_window,
        {{ cadence_within_bounds('coalesce(positions.median_gap_days, population.cadence_days)') }} as own_cadence_days,
        {{ cadence_within_bounds('population.cadence_days') }} as population_cadence_days,
        positions.median_gap_days is not null as is_own_cadence,
        positions.first_purchase_date,
        positions.last_purchase_date
    from {{ positions }} as positions
    {{ join_day(each, 'positions', 'population') }}

)

select * from final
{%- endmacro %}
