with customers as (

    select * from {{ ref('dim_customers') }}

),

names as (

    select * from {{ ref('feat_segment_names') }}

),

placed as (

    select
        customer_id,
        'rfm' as segmentation,
        rfm_segment as segment
    from customers
    union all
    select
        customer_id,
        'value_tier' as segmentation,
        value_tier as segment
    from customers
    union all
    select
        customer_id,
        'clv_tier' as segmentation,
        clv_tier as segment
    from customers
    union all
    select
        customer_id,
        'lifecycle' as segmentation,
        lifecycle_stage as segment
    from customers

),

final as (

    select
        cast(placed.customer_id as varchar) as customer_id,
        cast(placed.segmentation as varchar) as segmentation,
        cast(placed.segment as varchar) as segment,
        cast(names.label_en as varchar) as label_en,
        cast(names.label_zh as varchar) as label_zh,
        {{ as_of_date() }} as as_of_date
    from placed
    left join names
        on
            placed.segmentation = names.segmentation
            and placed.segment = names.segment

)

select * from final
