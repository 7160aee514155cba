-- Detects: a condition of segmentation_rules that can never hold, or a rule that names two segments.
-- Usual cause: a misspelt column, an empty range or list, a range over a text, or a copied row with another segment.
-- A row: the condition and what is wrong with it.
{{ config(tags=['state']) }}

with rules as (

    select * from {{ ref('segmentation_rules') }}

),

columns as (

    {% for name, kind in rule_columns().items() %}
    select
        '{{ name }}' as column_name,
        '{{ kind }}' as kind
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

counted as (

    select
        rules.*,
        columns.kind,
        min(rules.segment) over (partition by rules.segmentation, rules.rule_order) as first_segment
    from rules
    left join columns
        on rules.column_name = columns.column_name

),

judged as (

    select
        segmentation,
        rule_order,
        column_name,
        case
            when kind is null then 'no such column in feat_customer_attributes'
            when segment <> first_segment then 'the rows of one rule name two segments'
            when (segment = '*') <> (operator = 'each_value') then '* is the segment of each_value, and of nothing else'
            when operator = 'equals_any' and coalesce(listed_values, '') = '' then 'equals_any lists no values'
            when operator = 'in_range' and kind <> 'number' then 'in_range over a column that is no number'
            when operator = 'in_range' and from_value is null and below_value is null then 'in_range has no bound'
            when operator = 'in_range' and from_value >= below_value then 'in_range holds nothing'
        end as problem
    from counted

),

final as (

    select * from judged
    where problem is not null

)

select * from final
