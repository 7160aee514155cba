{#- A query: where each customer stands at the end of a day by all rules at once, one row per customer. Every stage is wired
    here and nowhere else: at D, at the last release's day, and at each month end.

    day: an expression without columns.
    customers: everybody to be placed, customer_id at least; `positions` are those who have bought.
    built: parts that are there already, name → relation, of positions, cadences, reactivations, measures and tiers (value
        tier by customer_id); the others are computed here.
    each, days: instead of `day`, many days at once, see each_day(): the relation of the days, and its column. -#}
{% macro all_stages_at(day, customers='positions', built={}, each=none, days=none) -%}
{%- set of_days, of_row = ('days.' ~ each, each) if each else (day, day) -%}
with positions as (

    {% if 'positions' in built %}select * from {{ built['positions'] }}{% else %}{{ customer_positions_at(of_days, each, days) }}{% endif %}

),

cadences as (

    {% if 'cadences' in built %}select * from {{ built['cadences'] }}
    {%- else %}{{ customer_cadences_at('positions', of_row, each) }}{% endif %}

),

reactivations as (

    {% if 'reactivations' in built %}select * from {{ built['reactivations'] }}
    {%- else %}{{ customer_reactivations_at('cadences', of_days, each, days) }}{% endif %}

),

lifecycle as (

    {{ lifecycle_stages_at(customers, 'cadences', 'reactivations', 'customers.' ~ each if each else day, each) }}

),

relationship as (

    {{ relationship_stages_at('lifecycle', 'positions', each) }}

),

measures as (

    {% if 'measures' in built %}select * from {{ built['measures'] }}
    {%- else %}{{ rfm_measures_at('positions', of_row, each) }}{% endif %}

),

cuts as (

    {{ rfm_cut_points_in_force('measures', each) }}

),

rfm as (

    {{ rfm_segments_at('measures', 'cuts', each) }}

),

{% if 'tiers' in built -%}
tiers as (

    select * from {{ built['tiers'] }}

),

{% else -%}
tiers_of_revenue as (

    {{ value_tiers_at('positions', each) }}

),

tiers as (

    select
        {{ each_day(each, 'positions') }}
        positions.customer_id,
        tiers_of_revenue.value_tier
    from positions
    inner join tiers_of_revenue
        on
            positions.net_revenue = tiers_of_revenue.net_revenue
            {{ and_same_day(each, 'positions', 'tiers_of_revenue') }}

),

{% endif -%}
final as (

    select
        {{ each_day(each, 'lifecycle') }}
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
        on
            lifecycle.customer_id = relationship.customer_id
            {{ and_same_day(each, 'lifecycle', 'relationship') }}
    left join rfm
        on
            lifecycle.customer_id = rfm.customer_id
            {{ and_same_day(each, 'lifecycle', 'rfm') }}
    left join tiers
        on
            lifecycle.customer_id = tiers.customer_id
            {{ and_same_day(each, 'lifecycle', 'tiers') }}

)

select * from final
{%- endmacro %}
