with customers as (

    select * from {{ ref('feat_customer_orders') }}

),

cadences as (

    select * from {{ ref('feat_customer_cadence') }}

),

reactivations as (

    select * from {{ ref('feat_customer_reactivations') }}

),

rules as (

    select * from {{ ref('lifecycle_rules') }}

),

-- one row: the place of each rule in the analysts' order; a rule taken out of the seed never matches
rule_orders as (

    select
        max(case when reason_code = 'no_valid_order' then rule_order end) as no_valid_order,
        max(case when reason_code = 'silent_beyond_churn_limit' then rule_order end) as silent_beyond_churn_limit,
        max(case when reason_code = 'first_purchase_is_recent' then rule_order end) as first_purchase_is_recent,
        max(case when reason_code = 'overdue_against_cadence' then rule_order end) as overdue_against_cadence,
        max(case when reason_code = 'returned_after_churn' then rule_order end) as returned_after_churn,
        max(case when reason_code = 'frequent_and_established' then rule_order end) as frequent_and_established,
        max(case when reason_code = 'no_other_rule' then rule_order end) as no_other_rule
    from rules

),

measured as (

    select
        customers.customer_id,
        cadences.purchase_day_count,
        cadences.purchase_days_in_window,
        cadences.own_cadence_days,
        cadences.is_own_cadence,
        cadences.first_purchase_date,
        cadences.last_purchase_date,
        reactivations.returned_on,
        {{ days_between('cadences.last_purchase_date', as_of_date()) }} as days_since_last_order,
        {{ days_between('cadences.first_purchase_date', as_of_date()) }} as days_since_first_order,
        -- greatest() and least() pass over nulls: without the case a prospect would have limits
        case when cadences.customer_id is not null then {{ churn_limit_days('cadences.own_cadence_days') }} end
            as churn_limit_days,
        case
            when cadences.customer_id is not null
                then greatest(
                        {{ var('at_risk_floor_days') }}, {{ var('at_risk_cadence_factor') }} * cadences.own_cadence_days
                    )
        end as at_risk_limit_days
    from customers
    left join cadences
        on customers.customer_id = cadences.customer_id
    left join reactivations
        on customers.customer_id = reactivations.customer_id

),

-- the first rule that matches wins: least() passes over the rules that do not
matched as (

    select
        measured.*,
        least(
            case when measured.last_purchase_date is null then rule_orders.no_valid_order end,
            case
                when measured.days_since_last_order > measured.churn_limit_days
                    then rule_orders.silent_beyond_churn_limit
            end,
            case
                when measured.days_since_first_order <= {{ var('new_days') }}
                    then rule_orders.first_purchase_is_recent
            end,
            case
                when measured.days_since_last_order > measured.at_risk_limit_days
                    then rule_orders.overdue_against_cadence
            end,
            case when measured.returned_on is not null then rule_orders.returned_after_churn end,
            case
                when
                    measured.purchase_days_in_window >= {{ var('loyal_min_days') }}
                    and measured.days_since_first_order >= {{ var('loyal_tenure_days') }}
                    then rule_orders.frequent_and_established
            end,
            rule_orders.no_other_rule
        ) as rule_order
    from measured
    cross join rule_orders

),

final as (

    select
        cast(matched.customer_id as varchar) as customer_id,
        cast(rules.lifecycle_stage as varchar) as lifecycle_stage,
        cast(rules.reason_code as varchar) as lifecycle_reason,
        cast(rules.label_en as varchar) as label_en,
        cast(rules.label_zh as varchar) as label_zh,
        cast(null as varchar) as relationship_stage,
        cast(null as varchar) as relationship_reason,
        cast(matched.days_since_last_order as integer) as days_since_last_order,
        cast(matched.own_cadence_days as double precision) as own_cadence_days,
        cast(matched.days_since_last_order - matched.own_cadence_days as double precision) as days_overdue,
        cast(matched.churn_limit_days as double precision) as churn_limit_days,
        cast(matched.at_risk_limit_days as double precision) as at_risk_limit_days,
        cast(coalesce(matched.purchase_day_count, 0) as bigint) as purchase_day_count,
        cast(coalesce(matched.purchase_days_in_window, 0) as bigint) as purchase_days_in_window,
        cast(matched.is_own_cadence as boolean) as is_own_cadence,
        cast(matched.first_purchase_date as date) as first_purchase_date,
        cast(matched.last_purchase_date as date) as last_purchase_date,
        cast(matched.returned_on as date) as returned_on,
        cast(null as date) as stage_since,
        {{ as_of_date() }} as as_of_date
    from matched
    left join rules
        on matched.rule_order = rules.rule_order

)

select * from final
