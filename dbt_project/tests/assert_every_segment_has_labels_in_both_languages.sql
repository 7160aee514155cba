-- Detects: a segment without an English or a Chinese name; dashboards show its own name instead. Segmentations
-- whose segments are values as delivered (income, channel, industry …) need no names.
-- Usual cause: a segment that a model yields and the seed segment_labels does not know, or a rule without labels.
-- A row: the segment that has no name in one of the languages.
{{ config(tags=['candidate'], severity='warn') }}

with segments as (

    select distinct
        segmentation,
        segment
    from {{ ref('customer_segments') }}

),

names as (

    select * from {{ ref('feat_segment_labels') }}

),

by_value as (

    select distinct segmentation
    from {{ ref('segmentation_rules') }}
    where operator = 'each_value'

),

final as (

    select
        segments.segmentation,
        segments.segment,
        names.label_en,
        names.label_zh
    from segments
    left join names
        on
            segments.segmentation = names.segmentation
            and segments.segment = names.segment
    left join by_value
        on segments.segmentation = by_value.segmentation
    where
        by_value.segmentation is null
        and (names.label_en is null or names.label_zh is null)

)

select * from final
