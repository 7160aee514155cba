-- Detects: two records that a link joins and that became two persons, or a person of n records with too few links.
-- Usual cause: the materialization connected_components stopped too early, or joined what nothing links.
-- A row: a person, its records and its links, or a pair of persons that a link joins.
{{ config(tags=['state']) }}

with mapped as (

    select * from {{ ref('int_records_map') }}
    where record_count > 1

),

links as (

    select distinct
        record_number,
        linked_number
    from {{ ref('int_records_link') }}

),

ends as (

    select
        mapped.customer_id,
        linked.customer_id as linked_customer_id
    from links
    left join mapped
        on links.record_number = mapped.record_number
    left join mapped as linked
        on links.linked_number = linked.record_number

),

link_totals as (

    select
        customer_id,
        count(*) as link_count
    from ends
    group by customer_id

),

record_totals as (

    select
        customer_id,
        count(*) as record_count
    from mapped
    group by customer_id

),

final as (

    select
        customer_id,
        linked_customer_id,
        cast(null as bigint) as record_count,
        cast(null as bigint) as link_count
    from ends
    where
        customer_id is null
        or linked_customer_id is null
        or customer_id <> linked_customer_id
    union all
    select
        record_totals.customer_id,
        cast(null as varchar) as linked_customer_id,
        record_totals.record_count,
        coalesce(link_totals.link_count, 0) as link_count
    from record_totals
    left join link_totals
        on record_totals.customer_id = link_totals.customer_id
    where coalesce(link_totals.link_count, 0) < record_totals.record_count - 1

)

select * from final
