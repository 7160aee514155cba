-- Detects: customer_ids that are not the id of exactly one record that has them, seen before all others of the person;
-- with that, an id that was merged points to one that survives.
-- Usual cause: the materialization connected_components stopped too early, or the records were numbered otherwise.
-- A row: a person, its first record by the order of the definitions, and how many records say they are the first.
{{ config(tags=['state']) }}

with mapped as (

    select * from {{ ref('int_records_map') }}

),

ranked as (

    select
        *,
        row_number() over (partition by customer_id order by first_seen_at, source, record_id) as place
    from mapped

),

final as (

    select
        customer_id,
        min(case when place = 1 then record_id end) as first_record,
        sum(case when is_primary then 1 else 0 end) as primaries
    from ranked
    group by customer_id
    having
        customer_id <> min(case when place = 1 then record_id end)
        or sum(case when is_primary then 1 else 0 end) <> 1

)

select * from final
