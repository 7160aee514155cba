{{
    config(
        materialized='month_ends',
        schema='work',
        meta={'fingerprints': 'core_month_fingerprints', 'rules': 'stage_rules_digest'},
    )
}}
-- month_ends also reads {{ ref('core_month_fingerprints') }}

{{ customer_positions_at('days.month_end', each='month_end', days=observed_days()) }}{{ and_then() }}

with stages as (

    {{ all_stages_at(
        none, built={'positions': prepared_for_days()}, each='month_end', days=observed_days()
    ) }}

),

final as (

    select
        month_end,
        customer_id,
        lifecycle_stage,
        relationship_stage,
        rfm_segment,
        value_tier,
        is_in_base
    from stages

)

select * from final
