with labels as (

    select * from {{ ref('segment_labels') }}

),

rules as (

    select * from {{ ref('segmentation_rules') }}

),

stages as (

    select * from {{ ref('lifecycle_rules') }}

),

-- a rule may be several rows, and several rules may lead to one segment: one label of each language is enough
by_rule as (

    select
        segmentation,
        segment,
        cast(null as varchar) as meaning,
        min(label_en) as label_en,
        min(label_zh) as label_zh
    from rules
    where
        segment <> 'unknown'
        and operator <> 'each_value'
    group by segmentation, segment

),

named as (

    select
        segmentation,
        segment,
        meaning,
        label_en,
        label_zh
    from labels
    union all
    select
        by_rule.segmentation,
        by_rule.segment,
        by_rule.meaning,
        by_rule.label_en,
        by_rule.label_zh
    from by_rule
    left join labels
        on
            by_rule.segmentation = labels.segmentation
            and by_rule.segment = labels.segment
    where labels.segment is null
    union all
    select
        'lifecycle' as segmentation,
        lifecycle_stage as segment,
        min(meaning) as meaning,
        min(label_en) as label_en,
        min(label_zh) as label_zh
    from stages
    group by lifecycle_stage

),

-- where no rule holds
unknown as (

    select distinct
        rules.segmentation,
        'unknown' as segment,
        cast(null as varchar) as meaning,
        'Unknown' as label_en,
        '未知' as label_zh
    from rules
    left join labels
        on
            rules.segmentation = labels.segmentation
            and labels.segment = 'unknown'
    where labels.segment is null

),

final as (

    select
        segmentation,
        segment,
        meaning,
        label_en,
        label_zh
    from named
    union all
    select
        segmentation,
        segment,
        meaning,
        label_en,
        label_zh
    from unknown

)

select * from final
