-- Detects: two records of a `split` that are one person nevertheless, or of a `join` that are two.
-- Usual cause: decisions in the seed identity_decisions that contradict each other, such as a split of two records that
-- joins bring together over a third. Only a person can say which of them is right.
-- A row: a decision.
{{ config(tags=['state']) }}

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
    inner join mapped as record_a
        on decisions.record_a = record_a.record_id
    inner join mapped as record_b
        on decisions.record_b = record_b.record_id
    where (decisions.decision = 'join') <> (record_a.customer_id = record_b.customer_id)

)

select * from final
