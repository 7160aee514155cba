with segments as (

    select * from {{ ref('customer_segments') }}
    where segmentation in ('demographic', 'income', 'geographic', 'lifecycle', 'value_tier')

),

categories as (

    select * from {{ ref('feat_customer_categories') }}
    where level = 1

),

spent as (

    select
        segments.segmentation,
        segments.segment,
        categories.path,
        count(*) as buyers,
        sum(categories.order_count) as order_count,
        sum(categories.net_revenue) as category_revenue
    from segments
    inner join categories
        on segments.customer_id = categories.customer_id
    group by segments.segmentation, segments.segment, categories.path

),

totals as (

    select
        *,
        sum(category_revenue) over (partition by segmentation, segment) as segment_total,
        sum(category_revenue) over (partition by segmentation, path) as category_total,
        sum(category_revenue) over (partition by segmentation) as total
    from spent

),

-- what the segment would bring if it spent as all customers do
final as (

    select
        cast(segmentation as varchar) as segmentation,
        cast(segment as varchar) as segment,
        cast(path as varchar) as category_path,
        cast(buyers as bigint) as buyers,
        cast(order_count as bigint) as order_count,
        cast(category_revenue as decimal(18, 2)) as category_revenue,
        cast({{ ratio('category_revenue', 'segment_total') }} as double precision) as share_of_segment,
        {{ cents('cast(segment_total as double precision) * ' ~ ratio('category_total', 'total')) }}
            as revenue_as_all,
        cast(
            {{ ratio('category_revenue', 'segment_total') }} / nullif({{ ratio('category_total', 'total') }}, 0)
            as double precision
        ) as index_to_all,
        {{ as_of_date() }} as as_of_date
    from totals

)

select * from final
