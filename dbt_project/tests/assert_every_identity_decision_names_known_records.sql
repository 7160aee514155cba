-- Detects: decisions of the seed identity_decisions on a record that is not known.
-- Usual cause: an id without its source (1001 for shop:1001), or a typing error: the decision does nothing.
-- A row: a decision.
{{ config(tags=['state'], severity='warn') }}

with decisions as (

    select * from {{ ref('identity_decisions') }}

),

mapped as (

    select * from {{ ref('int_records_map') }}

),

final as (

    select
        decisions.record_a,
        decisions.record_b,
        decisions.decision
    from decisions
    left join mapped as record_a
        on decisions.record_a = record_a.record_id
    left join mapped as record_b
        on decisions.record_b = record_b.record_id
    where
        record_a.record_id is null
        or record_b.record_id is null

)

select * from final
