{{
    config(
        materialized='month_ends',
        schema='work',
        meta={'fingerprints': 'core_month_fingerprints', 'rules': 'stage_rules_digest'},
    )
}}
-- month_ends also reads {{ ref('core_month_fingerprints') }}

with positions as (

    {{ customer_positions_at(observed_day()) }}

),

cadences as (

    {{ customer_cadences_at('positions', observed_day()) }}

),

reactivations as (

    {{ customer_reactivations_at('cadences', observed_day()) }}

),

lifecycle as (

    {{ lifecycle_stages_at('positions', 'cadences', 'reactivations', observed_day()) }}

),

relationship as (

    {{ relationship_stages_at('lifecycle', 'positions', observed_day()) }}

),

measures as (

    {{ rfm_measures_at('positions', observed_day()) }}

),

cuts as (

    {{ rfm_cut_points_in_force('measures') }}

),

rfm as (

    {{ rfm_segments_at('measures', 'cuts') }}

),

tiers as (

    {{ value_tiers_at('positions') }}

),

final as (

    select
        lifecycle.customer_id,
        lifecycle.lifecycle_stage,
        relationship.relationship_stage,
        coalesce(rfm.rfm_segment, 'unknown') as rfm_segment,
        tiers.value_tier,
        lifecycle.is_in_base
    from lifecycle
    inner join relationship
        on lifecycle.customer_id = relationship.customer_id
    inner join positions
        on lifecycle.customer_id = positions.customer_id
    inner join tiers
        on positions.net_revenue = tiers.net_revenue
    left join rfm
        on lifecycle.customer_id = rfm.customer_id

)

select * from final
