-- Detects: a customer whose current period in customer_lifecycle_history is not what customer_lifecycle, customer_rfm
-- and the value tier say at D. Where D is a month end the two were computed apart.
-- Usual cause: a month of customer_stage_changes that should have been computed again, or an edit of one way only.
-- A row: a customer with both values.
{{ config(tags=['candidate']) }}

with history as (

    select * from {{ ref('customer_lifecycle_history') }}
    where is_current

),

lifecycle as (

    select * from {{ ref('customer_lifecycle') }}

),

rfm as (

    select * from {{ ref('customer_rfm') }}

),

tiers as (

    select * from {{ ref('feat_customer_value') }}

),

final as (

    select
        coalesce(lifecycle.customer_id, history.customer_id) as customer_id,
        history.lifecycle_stage as history_lifecycle_stage,
        history.relationship_stage as history_relationship_stage,
        history.rfm_segment as history_rfm_segment,
        history.value_tier as history_value_tier,
        lifecycle.lifecycle_stage,
        lifecycle.relationship_stage,
        rfm.rfm_segment,
        tiers.value_tier
    from lifecycle
    full outer join history
        on lifecycle.customer_id = history.customer_id
    left join rfm
        on lifecycle.customer_id = rfm.customer_id
    left join tiers
        on lifecycle.customer_id = tiers.customer_id
    where
        history.lifecycle_stage is distinct from lifecycle.lifecycle_stage
        or history.relationship_stage is distinct from lifecycle.relationship_stage
        or history.rfm_segment is distinct from coalesce(rfm.rfm_segment, 'unknown')
        or history.value_tier is distinct from tiers.value_tier
        or history.stage_since is distinct from lifecycle.stage_since

)

select * from final
