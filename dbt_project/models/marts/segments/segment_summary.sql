with customers as (

    select * from {{ ref('feat_customer_orders') }}

),

stages as (

    select * from {{ ref('feat_customer_stages') }}

),

lifetime_value as (

    select * from {{ ref('customer_lifetime_value') }}

),

customer_segments as (

    select * from {{ ref('customer_segments') }}

),

satisfaction as (

    select * from {{ ref('satisfaction_by_segment') }}
    where
        survey_type = 'nps'
        and period = 'all'

),

-- every segment that exists by rule, so that an empty one is a row of zeros
segments as (

    select * from {{ ref('feat_segment_labels') }}

),

summed as (

    select
        customer_segments.segmentation,
        customer_segments.segment,
        count(*) as customers,
        sum(case when stages.lifecycle_meaning = 'lost' then 1 else 0 end) as churned_customers,
        sum(customers.order_count) as order_count,
        sum(customers.gross_revenue - customers.discounts) as bought_amount,
        sum(customers.net_revenue) as net_revenue,
        sum(customers.margin) as margin,
        sum(lifetime_value.predicted_clv) as predicted_clv
    from customer_segments
    inner join customers
        on customer_segments.customer_id = customers.customer_id
    inner join stages
        on customer_segments.customer_id = stages.customer_id
    left join lifetime_value
        on customer_segments.customer_id = lifetime_value.customer_id
    group by customer_segments.segmentation, customer_segments.segment

),

filled as (

    select
        coalesce(segments.segmentation, summed.segmentation) as segmentation,
        coalesce(segments.segment, summed.segment) as segment,
        coalesce(segments.label_en, segments.segment, summed.segment) as label_en,
        coalesce(segments.label_zh, segments.segment, summed.segment) as label_zh,
        segments.meaning,
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
        cast(totals.segmentation as varchar) as segmentation,
        cast(totals.segment as varchar) as segment,
        cast(totals.label_en as varchar) as label_en,
        cast(totals.label_zh as varchar) as label_zh,
        cast(totals.meaning as varchar) as meaning,
        cast(totals.customers as bigint) as customers,
        cast({{ ratio('totals.customers', 'totals.all_customers') }} as double precision) as share_of_customers,
        cast(totals.net_revenue as decimal(18, 2)) as net_revenue,
        cast({{ ratio('totals.net_revenue', 'totals.all_net_revenue') }} as double precision) as share_of_revenue,
        cast(totals.margin as decimal(18, 2)) as margin,
        cast({{ amount_per('totals.bought_amount', 'totals.order_count') }} as decimal(18, 2)) as average_order_value,
        cast(totals.predicted_clv as decimal(18, 2)) as predicted_clv,
        cast({{ ratio('totals.churned_customers', 'totals.customers') }} as double precision) as churned_share,
        cast(satisfaction.figure as double precision) as nps,
        {{ as_of_date() }} as as_of_date
    from totals
    left join satisfaction
        on
            totals.segmentation = satisfaction.segmentation
            and totals.segment = satisfaction.segment

)

select * from final
