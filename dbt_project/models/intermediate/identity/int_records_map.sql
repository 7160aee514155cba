{{ config(materialized='table') }}

with records as (

    select * from {{ ref('int_records_list') }}

),

components as (

    select * from {{ ref('int_records_find_components') }}

),

links as (

    select * from {{ ref('int_records_link') }}

),

component_sizes as (

    select
        component,
        count(*) + 1 as record_count
    from components
    group by component

),

both_ways as (

    select
        record_number,
        linked_number,
        linked_by,
        0 as is_later
    from links
    union all
    select
        linked_number as record_number,
        record_number as linked_number,
        linked_by,
        1 as is_later
    from links

),

-- one link speaks for a record: to an earlier record if it has one, the surest kind first
ranked as (

    select
        *,
        row_number() over (
            partition by record_number
            order by
                is_later,
                case linked_by
                    when 'manual' then 1
                    when 'external_id' then 2
                    when 'conversion' then 3
                    when 'email' then 4
                    else 5
                end,
                linked_number
        ) as choice
    from both_ways

),

evidence as (

    select
        ranked.record_number,
        ranked.linked_by,
        records.record_id as linked_to
    from ranked
    inner join components
        on ranked.record_number = components.node
    inner join records
        on ranked.linked_number = records.record_number
    where ranked.choice = 1

),

final as (

    select
        records.record_id,
        coalesce(primary_records.record_id, records.record_id) as customer_id,
        records.record_number,
        records.record_kind,
        records.source,
        coalesce(evidence.linked_by, 'none') as linked_by,
        evidence.linked_to,
        coalesce(component_sizes.record_count, 1) as record_count,
        components.node is null as is_primary,
        records.created_date,
        records.first_seen_at
    from records
    left join components
        on records.record_number = components.node
    left join records as primary_records
        on components.component = primary_records.record_number
    left join component_sizes
        on coalesce(components.component, records.record_number) = component_sizes.component
    left join evidence
        on records.record_number = evidence.record_number

)

select * from final
