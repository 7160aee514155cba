with customers as (

    select * from {{ ref('feat_customer_orders') }}
    where order_count > 0

),

-- revenue below zero counts as zero here: a curve of shares cannot fall
ranked as (

    select
        greatest(net_revenue, 0) as revenue,
        row_number() over (order by greatest(net_revenue, 0) desc, customer_id desc) as descending_rank,
        row_number() over (order by greatest(net_revenue, 0), customer_id) as ascending_rank,
        count(*) over () as customer_count,
        sum(greatest(net_revenue, 0)) over (
            order by greatest(net_revenue, 0) desc, customer_id desc
            rows between unbounded preceding and current row
        ) as revenue_so_far
    from customers

),

totals as (

    select
        max(customer_count) as customer_count,
        sum(revenue) as total_revenue,
        {{ gini('ascending_rank', 'revenue', 'max(customer_count)') }} as gini,
        {{ top_20_share('ascending_rank', 'revenue', 'customer_count') }} as top_20_share
    from ranked

),

percentiles as (

    {{ number_series(0, 100) }}

),

-- the top p percent are the first ceil(p n / 100) customers, in whole numbers
points as (

    select
        percentiles.number as percentile,
        totals.total_revenue,
        totals.gini,
        totals.top_20_share,
        cast(floor((percentiles.number * totals.customer_count + 99) / 100.0) as bigint) as customers
    from percentiles
    cross join totals
    where totals.customer_count > 0

),

final as (

    select
        cast(points.percentile as integer) as percentile,
        cast(points.customers as bigint) as customers,
        cast(coalesce(ranked.revenue_so_far, 0) as decimal(18, 2)) as cumulative_revenue,
        cast({{ ratio('coalesce(ranked.revenue_so_far, 0)', 'points.total_revenue') }} as double precision)
            as cumulative_share_of_revenue,
        cast(points.gini as double precision) as gini,
        cast(points.top_20_share as double precision) as top_20_share,
        {{ as_of_date() }} as as_of_date
    from points
    left join ranked
        on points.customers = ranked.descending_rank

)

select * from final
