-- Detects: a segment of the RFM grid with no row in segment_labels, or two; dashboards would show it without a name.
-- Usual cause: a segment was renamed in one of the two seeds only.
-- A row: a segment and how many labels it has.
{{ config(tags=['state']) }}

with segments as (

    select distinct segment from {{ ref('rfm_segments') }}

),

labels as (

    select
        segment,
        count(*) as occurrences
    from {{ ref('segment_labels') }}
    where segmentation = 'rfm'
    group by segment

),

final as (

    select
        segments.segment,
        coalesce(labels.occurrences, 0) as occurrences
    from segments
    left join labels
        on segments.segment = labels.segment
    where
        labels.occurrences is null
        or labels.occurrences <> 1

)

select * from final
