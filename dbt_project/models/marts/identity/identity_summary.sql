{%- set counts = [
    ('records', 'customer', 'records', "record_kind = 'customer'"),
    ('records', 'inferred', 'records', "record_kind = 'inferred'"),
    ('records', 'lead', 'records', "record_kind = 'lead'"),
    ('persons', 'of_one_record', 'records', 'is_primary and record_count = 1'),
    ('persons', 'of_several_records', 'records', 'is_primary and record_count > 1'),
    ('merged_records', 'email', 'records', "not is_primary and linked_by = 'email'"),
    ('merged_records', 'phone', 'records', "not is_primary and linked_by = 'phone'"),
    ('merged_records', 'external_id', 'records', "not is_primary and linked_by = 'external_id'"),
    ('merged_records', 'conversion', 'records', "not is_primary and linked_by = 'conversion'"),
    ('merged_records', 'manual', 'records', "not is_primary and linked_by = 'manual'"),
    ('links', 'email', 'links', "linked_by = 'email'"),
    ('links', 'phone', 'links', "linked_by = 'phone'"),
    ('links', 'external_id', 'links', "linked_by = 'external_id'"),
    ('links', 'conversion', 'links', "linked_by = 'conversion'"),
    ('links', 'manual', 'links', "linked_by = 'manual'"),
    ('identifiers_shared_too_widely', 'email', 'shared', "kind = 'email'"),
    ('identifiers_shared_too_widely', 'phone', 'shared', "kind = 'phone'"),
] %}
with records as (

    select
        *,
        count(*) over (partition by customer_id) as record_count
    from {{ ref('map_source_customers_to_customers') }}

),

links as (

    select * from {{ ref('customer_record_links') }}

),

identities as (

    select * from {{ ref('int_records_list') }}

),

identifiers as (

    select * from {{ ref('int_identifiers_count') }}
    where not is_usable

),

-- on a record of somebody who is known at D
shared as (

    select distinct
        identifiers.kind,
        identifiers.identifier
    from identifiers
    inner join identities
        on identifiers.identifier = case identifiers.kind when 'email' then identities.email else identities.phone end
    inner join records
        on identities.record_id = records.source_customer_id

),

events as (

    {% for event in addressed_events() %}
    select
        '{{ event['entity'] }}' as topic,
        assigned.assigned_by,
        excluded_customers.customer_id is not null as is_excluded
    from {{ ref('int_' ~ event['entity'] ~ '_assign') }} as assigned
    left join {{ ref('int_customers_exclude') }} as excluded_customers
        on assigned.customer_id = excluded_customers.customer_id
    where {{ happened_on(canonical_entity(event['entity']), 'assigned') }} <= {{ as_of_date() }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

counted as (

    {% for topic, item, relation, condition in counts %}
    select
        '{{ topic }}' as topic,
        '{{ item }}' as item,
        count(*) as row_total
    from {{ relation }}
    where {{ condition }}
    union all
    {% endfor %}
    {% for topic in addressed_events() | map(attribute='entity') %}
    {% for item in ('customer_id', 'email', 'phone', 'none') %}
    select
        '{{ topic }}' as topic,
        'by_{{ item }}' as item,
        count(*) as row_total
    from events
    where
        topic = '{{ topic }}'
        and assigned_by = '{{ item }}'
        and not is_excluded
    union all
    {% endfor %}
    select
        '{{ topic }}' as topic,
        'of_excluded_customers' as item,
        count(*) as row_total
    from events
    where
        topic = '{{ topic }}'
        and is_excluded
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

final as (

    select
        cast(topic as varchar) as topic,
        cast(replace(item, 'by_none', 'unassigned') as varchar) as item,
        cast(row_total as bigint) as row_total,
        {{ as_of_date() }} as as_of_date
    from counted

)

select * from final
