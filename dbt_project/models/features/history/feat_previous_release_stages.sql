{%- set previous_day = previous_release_day() %}
{#- without such a release, a day on which nobody had bought #}
{%- set day = previous_day or "date '0001-01-01'" %}

with customers as (

    select * from {{ ref('feat_customers_known') }}
    where
        known_from is null
        or known_from <= {{ day }}

),

stages as (

    {{ all_stages_at(day, customers='customers') }}

),

final as (

    select
        customer_id,
        lifecycle_stage,
        relationship_stage,
        rfm_segment,
        value_tier,
        {{ day }} as observed_on
    from stages
    where {{ 'true' if previous_day else 'false' }}

)

select * from final
