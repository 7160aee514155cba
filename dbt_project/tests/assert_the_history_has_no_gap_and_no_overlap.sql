-- Detects: a customer whose periods in customer_lifecycle_history leave a day out or hold one twice, begin after they
-- were known or have no current one, and two neighbours that say the same.
-- Usual cause: an edit of feat_customer_stage_periods, or months in customer_stage_changes that were not computed in
-- order.
-- A row: a period at fault, or a customer without a current one (valid_from is null).
{{ config(tags=['candidate']) }}

with periods as (

    select * from {{ ref('customer_lifecycle_history') }}

),

history as (

    select
        *,
        lead(valid_from) over customer as next_valid_from,
        lead(lifecycle_stage) over customer as next_lifecycle_stage,
        lead(relationship_stage) over customer as next_relationship_stage,
        lead(rfm_segment) over customer as next_rfm_segment,
        lead(value_tier) over customer as next_value_tier
    from periods
    window customer as (partition by customer_id order by valid_from)

),

current_periods as (

    select * from history
    where is_current

),

customers as (

    select * from {{ ref('feat_customers_known') }}

),

at_fault as (

    select
        customer_id,
        valid_from
    from history
    where
        valid_to is distinct from next_valid_from
        or valid_to <= valid_from
        or (
            lifecycle_stage = next_lifecycle_stage
            and relationship_stage = next_relationship_stage
            and rfm_segment = next_rfm_segment
            and value_tier = next_value_tier
        )

),

final as (

    select * from at_fault
    union all
    select
        coalesce(customers.customer_id, current_periods.customer_id) as customer_id,
        current_periods.valid_from
    from customers
    full outer join current_periods
        on customers.customer_id = current_periods.customer_id
    where
        customers.customer_id is null
        or current_periods.customer_id is null

)

select * from final
