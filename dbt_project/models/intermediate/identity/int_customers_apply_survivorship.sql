with records as (

    select * from {{ ref('int_records_describe') }}

),

merged as (

    select * from {{ ref('int_records_merge') }}

),

rules as (

    select * from {{ ref('survivorship_rules') }}

),

sources as (

    select distinct source from merged

),

-- the rule for the attribute and the source, else for the attribute, else for the source, else for everything
priorities as (

    select
        {%- for attribute in surviving_attributes() %}
        {{ survivorship_priority(attribute) }} as {{ attribute }},
        {%- endfor %}
        sources.source
    from sources
    left join rules
        on rules.source in (sources.source, '*')
    group by sources.source

),

described as (

    select
        records.*,
        merged.customer_id,
        row_number() over (
            partition by merged.customer_id
            order by
                records.updated_at desc nulls last,
                records._extracted_at desc,
                records.source asc,
                records.record_id asc
        ) as recency
    from records
    inner join merged
        on records.record_id = merged.record_id

),

final as (

    select
        described.customer_id,
        {%- for attribute in surviving_attributes() %}
        {{ first_value_by(
            'described.' ~ attribute, 'priorities.' ~ attribute ~ ' * cast(1000000 as bigint) + described.recency'
        ) }} as {{ attribute }},
        {%- endfor %}
        min(described.created_at) as created_at
    from described
    inner join priorities
        on described.source = priorities.source
    group by described.customer_id

)

select * from final
