with customers as (

    select
        rfm_segment,
        value_tier,
        clv_tier,
        lifecycle_stage,
        order_count,
        gross_revenue,
        discounts,
        net_revenue,
        margin,
        predicted_clv
    from {{ ref('dim_customers') }}

),

-- every segment that exists by rule, so that an empty one is a row of zeros
segments as (

    select * from {{ ref('feat_segment_names') }}

),

placed as (

    select
        'rfm' as segmentation,
        rfm_segment as segment,
        *
    from customers
    union all
    select
        'value_tier' as segmentation,
        value_tier as segment,
        *
    from customers
    union all
    select
        'clv_tier' as segmentation,
        clv_tier as segment,
        *
    from customers
    union all
    select
        'lifecycle' as segmentation,
        lifecycle_stage as segment,
        *
    from customers

),

summed as (

    select
        segmentation,
        segment,
        count(*) as customers,
        sum(case when lifecycle_stage = 'churned' then 1 else 0 end) as churned_customers,
        sum(order_count) as order_count,
        sum(gross_revenue - discounts) as bought_amount,
        sum(net_revenue) as net_revenue,
        sum(margin) as margin,
        sum(predicted_clv) as predicted_clv
    from placed
    group by segmentation, segment

),

filled as (

    select
        coalesce(segments.segmentation, summed.segmentation) as segmentation,
        coalesce(segments.segment, summed.segment) as segment,
        segments.label_en,
        segments.label_zh,
        coalesce(summed.customers, 0) as customers,
        coalesce(summed.churned_customers, 0) as churned_customers,
        coalesce(summed.order_count, 0) as order_count,
        coalesce(summed.bought_amount, 0) as bought_amount,
        coalesce(summed.net_revenue, 0) as net_revenue,
        coalesce(summed.margin, 0) as margin,
        summed.predicted_clv
    from segments
    full outer join summed
        on
            segments.segmentation = summed.segmentation
            and segments.segment = summed.segment

),

totals as (

    select
        *,
        sum(customers) over (partition by segmentation) as all_customers,
        sum(net_revenue) over (partition by segmentation) as all_net_revenue
    from filled

),

final as (

    select
        cast(segmentation as varchar) as segmentation,
        cast(segment as varchar) as segment,
        cast(label_en as varchar) as label_en,
        cast(label_zh as varchar) as label_zh,
        cast(customers as bigint) as customers,
        cast({{ ratio('customers', 'all_customers') }} as double precision) as share_of_customers,
        cast(net_revenue as decimal(18, 2)) as net_revenue,
        cast({{ ratio('net_revenue', 'all_net_revenue') }} as double precision) as share_of_revenue,
        cast(margin as decimal(18, 2)) as margin,
        cast({{ amount_per('bought_amount', 'order_count') }} as decimal(18, 2)) as average_order_value,
        cast(predicted_clv as decimal(18, 2)) as predicted_clv,
        cast({{ ratio('churned_customers', 'customers') }} as double precision) as churned_share,
        cast(null as double precision) as nps,
        {{ as_of_date() }} as as_of_date
    from totals

)

select * from final
