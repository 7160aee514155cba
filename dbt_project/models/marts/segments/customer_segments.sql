{%- set own_segmentations = segmentation_names() %}

with customers as (  -- noqa: ST03

    select * from {{ ref('feat_customers_known') }}

),

names as (

    select * from {{ ref('feat_segment_labels') }}

),

stages as (

    select * from {{ ref('feat_customer_stages') }}

),

lifetime_value as (

    select * from {{ ref('customer_lifetime_value') }}

),

by_rule as (

    select * from {{ ref('feat_customer_rule_segments') }}

),

-- whom a segmentation does not place is unknown in it
placed as (

    select
        customer_id,
        segmentation,
        segment
    from by_rule
    {% for segmentation, column in segmentation_columns().items() %}
    union all
    select
        customer_id,
        '{{ segmentation }}' as segmentation,
        {{ column }} as segment
    from stages
    {% endfor %}
    union all
    select
        customers.customer_id,
        'clv_tier' as segmentation,
        coalesce(lifetime_value.clv_tier, 'unknown') as segment
    from customers
    left join lifetime_value
        on customers.customer_id = lifetime_value.customer_id
    {% for name in own_segmentations %}
    union all
    select
        customers.customer_id,
        '{{ name }}' as segmentation,
        coalesce(own.segment, 'unknown') as segment
    from customers
    left join {{ ref('segmentation_' ~ name) }} as own
        on customers.customer_id = own.customer_id
    {% endfor %}

),

final as (

    select
        cast(placed.customer_id as varchar) as customer_id,
        cast(placed.segmentation as varchar) as segmentation,
        cast(placed.segment as varchar) as segment,
        cast(coalesce(names.label_en, placed.segment) as varchar) as label_en,
        cast(coalesce(names.label_zh, placed.segment) as varchar) as label_zh,
        {{ as_of_date() }} as as_of_date
    from placed
    left join names
        on
            placed.segmentation = names.segmentation
            and placed.segment = names.segment

)

select * from final
