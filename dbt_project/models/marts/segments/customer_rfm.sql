with measures as (

    select * from {{ ref('feat_rfm_measures') }}

),

cut_points as (

    select * from {{ ref('rfm_cut_points') }}

),

segments as (

    select * from {{ ref('rfm_segments') }}

),

labels as (

    select * from {{ ref('segment_labels') }}
    where segmentation = 'rfm'

),

-- one row: the twelve cut points, so that scoring needs no join per customer and measure
cuts as (

    {{ rfm_cut_points_side_by_side('cut_points') }}

),

scored as (

    select
        measures.customer_id,
        measures.recency_days,
        measures.frequency,
        measures.monetary,
        5 - {{ cut_points_below('measures.recency_days', 'cuts.recency_days') }} as r_score,
        1 + {{ cut_points_below('measures.frequency', 'cuts.frequency') }} as f_score,
        1 + {{ cut_points_below('measures.monetary', 'cuts.monetary') }} as m_score
    from measures
    cross join cuts

),

final as (

    select
        cast(scored.customer_id as varchar) as customer_id,
        cast(
            cast(scored.r_score as varchar) || cast(scored.f_score as varchar) || cast(scored.m_score as varchar)
            as varchar
        ) as rfm_code,
        cast(segments.segment as varchar) as rfm_segment,
        cast(labels.label_en as varchar) as label_en,
        cast(labels.label_zh as varchar) as label_zh,
        cast(scored.recency_days as integer) as recency_days,
        cast(scored.frequency as bigint) as frequency,
        cast(scored.monetary as decimal(18, 2)) as monetary,
        cast(scored.r_score as integer) as r_score,
        cast(scored.f_score as integer) as f_score,
        cast(scored.m_score as integer) as m_score,
        {{ as_of_date() }} as as_of_date
    from scored
    left join segments
        on
            scored.r_score = segments.r_score
            and scored.f_score = segments.f_score
    left join labels
        on segments.segment = labels.segment

)

select * from final
