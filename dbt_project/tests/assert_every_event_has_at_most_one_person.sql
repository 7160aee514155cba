{#- orders and leads have no int_<entity>_assign; contacts of a campaign are one again where their customers are. -#}
{%- set entities = [] -%}
{%- for named in named_records() if named['happened_on'] and named['entity'] not in ('orders', 'leads', 'campaign_contacts') -%}
    {%- do entities.append((named['entity'], canonical_entity(named['entity'])['key'][0])) -%}
{%- endfor -%}
-- Detects: events that the assignment to persons has lost, doubled, or given to a record instead of its person.
-- Usual cause: an identifier of two persons in int_identifiers_find_owners, or a record twice in int_records_merge.
-- A row: an entity, its events before and after, and how many name a record that was merged.
{{ config(tags=['state']) }}

with merged as (

    select * from {{ ref('int_records_merge') }}
    where not is_primary

),

compared as (

    {% for entity, key in entities %}
    select
        '{{ entity }}' as entity,
        (select count(*) from {{ ref('stg_' ~ entity) }}) as delivered,
        count(*) as assigned,
        count(distinct assigned.{{ key }}) as distinct_assigned,
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
