{#- A query: the lifecycle stage of each customer at the end of a day with the figures that decide it.

    customers: everybody to be placed, customer_id at least; who is not among the cadences is a prospect.
    cadences, reactivations: the relations of customer_cadences_at(day) and customer_reactivations_at(day).
    each: see each_day(). -#}
{% macro lifecycle_stages_at(customers, cadences, reactivations, day, each=none) -%}
with rules as (

    select * from {{ ref('lifecycle_rules') }}

),

rule_orders as (

    {{ rule_orders('rules', lifecycle_reason_codes()) }}

),

measured as (

    select
        {{ each_day(each, 'customers') }}
        customers.customer_id,
        cadences.purchase_day_count,
        cadences.purchase_days_in_window,
        cadences.own_cadence_days,
        cadences.is_own_cadence,
        cadences.first_purchase_date,
        cadences.last_purchase_date,
        reactivations.returned_on,
        {{ days_between('cadences.last_purchase_date', day) }} as days_since_last_order,
        {{ days_between('cadences.first_purchase_date', day) }} as days_since_first_order,
        -- greatest() and least() pass over nulls: without the case a prospect would have limits
        case when cadences.customer_id is not null then {{ churn_limit_days('cadences.own_cadence_days') }} end
            as churn_limit_days,
        case
            when cadences.customer_id is not null
                then greatest(
                        {{ var('at_risk_floor_days') }}, {{ var('at_risk_cadence_factor') }} * cadences.own_cadence_days
                    )
        end as at_risk_limit_days
    from {{ customers }} as customers
    left join {{ cadences }} as cadences
        on
            customers.customer_id = cadences.customer_id
            {{ and_same_day(each, 'customers', 'cadences') }}
    left join {{ reactivations }} as reactivations
        on
            customers.customer_id = reactivations.customer_id
            {{ and_same_day(each, 'customers', 'reactivations') }}

),

matched as (

    select
        measured.*,
        {{ first_rule_that_matches({
            'no_valid_order': 'measured.last_purchase_date is null',
            'silent_beyond_churn_limit': 'measured.days_since_last_order > measured.churn_limit_days',
            'first_purchase_is_recent': 'measured.days_since_first_order <= ' ~ var('new_days'),
            'overdue_against_cadence': 'measured.days_since_last_order > measured.at_risk_limit_days',
            'returned_after_churn': 'measured.returned_on is not null',
            'frequent_and_established':
                'measured.purchase_days_in_window >= ' ~ var('loyal_min_days')
                ~ ' and measured.days_since_first_order >= ' ~ var('loyal_tenure_days'),
        }) }} as rule_order
    from measured
    cross join rule_orders

),

final as (

    select
        matched.*,
        rules.lifecycle_stage,
        rules.meaning as lifecycle_meaning,
        rules.reason_code as lifecycle_reason,
        rules.label_en as lifecycle_label_en,
        rules.label_zh as lifecycle_label_zh,
        matched.last_purchase_date is not null and rules.reason_code <> 'silent_beyond_churn_limit' as is_in_base
    from matched
    left join rules
        on matched.rule_order = rules.rule_order

)

select * from final
{%- endmacro %}
