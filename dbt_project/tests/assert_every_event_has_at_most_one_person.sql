{#- orders and leads have no int_<entity>_assign; contacts of a campaign are one again where their customers are. -#}
{%- set apart = ('orders', 'leads', 'campaign_contacts') -%}
-- Detects: events that the assignment to persons has lost, doubled, or given to a record instead of its person.
-- Usual cause: an identifier of two persons in int_identifiers_find_owners, or a record twice in int_records_merge.
-- A row: an entity, its events before and after, and how many name a record that was merged.
{{ config(tags=['state']) }}

with merged as (

    select * from {{ ref('int_records_merge') }}
    where not is_primary

),

compared as (

    {% for entity in entities_of_events() if entity not in apart %}
    select
        '{{ entity }}' as entity,
        (select count(*) from {{ ref('stg_' ~ entity) }}) as delivered,
        count(*) as assigned,
        count(distinct assigned.{{ canonical_entity(entity)['key'][0] }}) as distinct_assigned,
        count(merged.record_id) as of_merged_records
    from {{ ref('int_' ~ entity ~ '_assign') }} as assigned
    left join merged
        on assigned.customer_id = merged.record_id
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

final as (

    select * from compared
    where
        delivered <> assigned
        or delivered <> distinct_assigned
        or of_merged_records > 0

)

select * from final
