with customers as (

    select * from {{ ref('feat_customers_known') }}

),

positions as (

    select * from {{ ref('feat_customer_positions') }}

),

cadences as (

    select * from {{ ref('feat_customer_cadence') }}

),

reactivations as (

    select * from {{ ref('feat_customer_reactivations') }}

),

measures as (

    select * from {{ ref('feat_rfm_measures') }}

),

tiers as (

    select * from {{ ref('feat_customer_value') }}

),

lifecycle as (

    {{ lifecycle_stages_at('customers', 'cadences', 'reactivations', as_of_date()) }}

),

relationship as (

    {{ relationship_stages_at('lifecycle', 'positions', as_of_date()) }}

),

cuts as (

    {{ rfm_cut_points_in_force('measures') }}

),

rfm as (

    {{ rfm_segments_at('measures', 'cuts') }}

),

final as (

    select
        lifecycle.customer_id,
        lifecycle.lifecycle_stage,
        lifecycle.lifecycle_meaning,
        lifecycle.lifecycle_reason,
        lifecycle.lifecycle_label_en,
        lifecycle.lifecycle_label_zh,
        relationship.relationship_stage,
        relationship.relationship_reason,
        relationship.relationship_label_en,
        relationship.relationship_label_zh,
        coalesce(rfm.rfm_segment, 'unknown') as rfm_segment,
        coalesce(tiers.value_tier, 'unknown') as value_tier,
        lifecycle.days_since_last_order,
        lifecycle.own_cadence_days,
        lifecycle.churn_limit_days,
        lifecycle.at_risk_limit_days,
        lifecycle.purchase_day_count,
        lifecycle.purchase_days_in_window,
        relationship.earlier_purchase_days,
        relationship.earlier_tenure_days,
        relationship.later_net_revenue,
        relationship.earlier_net_revenue,
        relationship.revenue_ratio,
        lifecycle.is_own_cadence,
        lifecycle.is_in_base,
        lifecycle.first_purchase_date,
        lifecycle.last_purchase_date,
        lifecycle.returned_on
    from lifecycle
    inner join relationship
        on lifecycle.customer_id = relationship.customer_id
    left join rfm
        on lifecycle.customer_id = rfm.customer_id
    left join tiers
        on lifecycle.customer_id = tiers.customer_id

)

select * from final
