-- Detects: customers and leads in force, and ids that an event names, which the map of records lacks or has twice.
-- Usual cause: a join on the way from int_records_find_first_seen to int_records_map that drops or multiplies rows.
-- A row: a record and how often the map has it.
{{ config(tags=['state']) }}

with mapped as (

    select * from {{ ref('int_records_map') }}

),

named as (

    select customer_id as record_id from {{ ref('stg_customers') }}
    union
    select {{ lead_record_id() }} as record_id from {{ ref('stg_leads') }}
    union
    select record_id from {{ ref('int_records_find_first_seen') }}
    where is_in_event

),

counted as (

    select
        record_id,
        count(*) as row_total
    from mapped
    group by record_id

),

final as (

    select
        coalesce(named.record_id, counted.record_id) as record_id,
        coalesce(counted.row_total, 0) as row_total
    from named
    full outer join counted
        on named.record_id = counted.record_id
    where
        named.record_id is null
        or coalesce(counted.row_total, 0) <> 1

)

select * from final
