{{
    config(
        materialized='month_ends',
        schema='work',
        meta={'fingerprints': 'core_month_fingerprints', 'rules': 'stage_rules_digest'},
    )
}}
-- month_ends also reads {{ ref('core_month_fingerprints') }}

with stages as (

    {{ all_stages_at(observed_day()) }}

),

final as (

    select
        customer_id,
        lifecycle_stage,
        relationship_stage,
        rfm_segment,
        value_tier,
        is_in_base
    from stages

)

select * from final
