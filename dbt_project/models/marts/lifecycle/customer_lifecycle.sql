with stages as (

    select * from {{ ref('feat_customer_stages') }}

),

current_periods as (

    select * from {{ ref('feat_customer_stage_periods') }}
    where valid_to is null

),

final as (

    select
        cast(stages.customer_id as varchar) as customer_id,
        cast(stages.lifecycle_stage as varchar) as lifecycle_stage,
        cast(stages.lifecycle_reason as varchar) as lifecycle_reason,
        cast(stages.lifecycle_label_en as varchar) as label_en,
        cast(stages.lifecycle_label_zh as varchar) as label_zh,
        cast(stages.relationship_stage as varchar) as relationship_stage,
        cast(stages.relationship_reason as varchar) as relationship_reason,
        cast(stages.relationship_label_en as varchar) as relationship_label_en,
        cast(stages.relationship_label_zh as varchar) as relationship_label_zh,
        cast(stages.days_since_last_order as integer) as days_since_last_order,
        cast(stages.own_cadence_days as double precision) as own_cadence_days,
        cast(stages.days_since_last_order - stages.own_cadence_days as double precision) as days_overdue,
        cast(stages.churn_limit_days as double precision) as churn_limit_days,
        cast(stages.at_risk_limit_days as double precision) as at_risk_limit_days,
        cast(coalesce(stages.purchase_day_count, 0) as bigint) as purchase_day_count,
        cast(coalesce(stages.purchase_days_in_window, 0) as bigint) as purchase_days_in_window,
        cast(stages.earlier_purchase_days as bigint) as earlier_purchase_days,
        cast(stages.earlier_tenure_days as integer) as earlier_tenure_days,
        cast(stages.later_net_revenue as decimal(18, 2)) as later_net_revenue,
        cast(stages.earlier_net_revenue as decimal(18, 2)) as earlier_net_revenue,
        cast(stages.revenue_ratio as double precision) as revenue_ratio,
        cast(stages.is_own_cadence as boolean) as is_own_cadence,
        cast(stages.first_purchase_date as date) as first_purchase_date,
        cast(stages.last_purchase_date as date) as last_purchase_date,
        cast(stages.returned_on as date) as returned_on,
        cast(current_periods.stage_since as date) as stage_since,
        {{ as_of_date() }} as as_of_date
    from stages
    left join current_periods
        on stages.customer_id = current_periods.customer_id

)

select * from final
