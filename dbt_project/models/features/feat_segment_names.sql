with labels as (

    select * from {{ ref('segment_labels') }}

),

rules as (

    select * from {{ ref('lifecycle_rules') }}

),

final as (

    select
        segmentation,
        segment,
        label_en,
        label_zh
    from labels
    union all
    select
        'lifecycle' as segmentation,
        lifecycle_stage as segment,
        min(label_en) as label_en,
        min(label_zh) as label_zh
    from rules
    group by lifecycle_stage

)

select * from final
