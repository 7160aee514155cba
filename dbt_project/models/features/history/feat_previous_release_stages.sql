{%- set previous_day = previous_release_day() %}
{#- without such a release, a day on which nobody had bought #}
{%- set day = previous_day or "date '0001-01-01'" %}

with positions as (

    {{ customer_positions_at(day) }}

),

cadences as (

    {{ customer_cadences_at('positions', day) }}

),

reactivations as (

    {{ customer_reactivations_at('cadences', day) }}

),

customers as (

    select * from {{ ref('feat_customers_known') }}
    where
        known_from is null
        or known_from <= {{ day }}

),

lifecycle as (

    {{ lifecycle_stages_at('customers', 'cadences', 'reactivations', day) }}

),

relationship as (

    {{ relationship_stages_at('lifecycle', 'positions', day) }}

),

measures as (

    {{ rfm_measures_at('positions', day) }}

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
        coalesce(tiers.value_tier, 'unknown') as value_tier,
        {{ day }} as observed_on
    from lifecycle
    inner join relationship
        on lifecycle.customer_id = relationship.customer_id
    left join positions
        on lifecycle.customer_id = positions.customer_id
    left join tiers
        on positions.net_revenue = tiers.net_revenue
    left join rfm
        on lifecycle.customer_id = rfm.customer_id
    where {{ 'true' if previous_day else 'false' }}

)

select * from final
