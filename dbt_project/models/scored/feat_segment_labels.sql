with names as (

    select * from {{ ref('feat_segment_names') }}

),

personas as (

    select * from {{ source('personas', 'persona_names') }}

),

final as (

    select
        segmentation,
        segment,
        meaning,
        label_en,
        label_zh
    from names
    union all
    select
        'persona' as segmentation,
        persona as segment,
        cast(null as varchar) as meaning,
        label_en,
        label_zh
    from personas

)

select * from final
