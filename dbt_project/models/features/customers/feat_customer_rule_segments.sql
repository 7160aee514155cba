with customers as (

    select * from {{ ref('feat_customer_attributes') }}

),

rules as (

    select * from {{ ref('segmentation_rules') }}

),

conditions_of_rules as (

    select
        segmentation,
        rule_order,
        min(segment) as segment,
        count(*) as condition_count
    from rules
    group by segmentation, rule_order

),

named_columns as (

    select
        column_name,
        max(case when operator = 'is_missing' then 1 else 0 end) as asks_for_missing
    from rules
    group by column_name

),

-- the columns that rules look at, one below the other
attributes as (

    {% for name, kind in rule_columns().items() %}
    select
        customers.customer_id,
        '{{ name }}' as column_name,
        cast(customers.{{ name }} as varchar) as text_value,
        cast({{ 'customers.' ~ name if kind == 'number' else 'null' }} as double precision) as number_value
    from customers
    inner join named_columns
        on named_columns.column_name = '{{ name }}'
    where
        customers.{{ name }} is not null
        or named_columns.asks_for_missing = 1
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

held as (

    select
        attributes.customer_id,
        rules.segmentation,
        rules.rule_order,
        count(*) as condition_count,
        max(case when rules.operator = 'each_value' then attributes.text_value end) as own_segment
    from attributes
    inner join rules
        on attributes.column_name = rules.column_name
    where
        case rules.operator
            when 'is_missing' then attributes.text_value is null
            when 'each_value' then lower(attributes.text_value) not in ('unknown', '')
            when 'equals_any'
                then position(
                        '|' || lower(attributes.text_value) || '|' in '|' || lower(rules.listed_values) || '|'
                    ) > 0
            when 'in_range'
                then
                    attributes.number_value >= coalesce(rules.from_value, attributes.number_value)
                    and (rules.below_value is null or attributes.number_value < rules.below_value)
            else false
        end
    group by attributes.customer_id, rules.segmentation, rules.rule_order

),

-- a rule holds where all of its conditions do; of those that hold the first one counts
matched as (

    select
        held.customer_id,
        held.segmentation,
        min(held.rule_order) as rule_order
    from held
    inner join conditions_of_rules
        on
            held.segmentation = conditions_of_rules.segmentation
            and held.rule_order = conditions_of_rules.rule_order
            and held.condition_count = conditions_of_rules.condition_count
    group by held.customer_id, held.segmentation

),

segmentations as (

    select distinct segmentation from rules

),

final as (

    select
        customers.customer_id,
        segmentations.segmentation,
        coalesce(held.own_segment, conditions_of_rules.segment, 'unknown') as segment
    from customers
    cross join segmentations
    left join matched
        on
            customers.customer_id = matched.customer_id
            and segmentations.segmentation = matched.segmentation
    left join held
        on
            matched.customer_id = held.customer_id
            and matched.segmentation = held.segmentation
            and matched.rule_order = held.rule_order
    left join conditions_of_rules
        on
            matched.segmentation = conditions_of_rules.segmentation
            and matched.rule_order = conditions_of_rules.rule_order

)

select * from final
