with customers as (

    select * from {{ ref('feat_customer_orders') }}
    where order_count > 0

),

-- revenue below zero counts as zero here: a curve of shares cannot fall
revenues as (

    select
        cast(greatest(net_revenue, 0) as decimal(18, 2)) as revenue,
        count(*) as copies
    from customers
    group by cast(greatest(net_revenue, 0) as decimal(18, 2))

),

ranked as (

    select
        revenue,
        copies,
        sum(copies) over (
            order by revenue
            rows between unbounded preceding and current row
        ) as copies_so_far,
        sum(copies) over () as customer_count,
        sum(revenue * copies) over (
            order by revenue desc
            rows between unbounded preceding and current row
        ) as revenue_of_top
    from revenues

),

totals as (

    select
        max(customer_count) as customer_count,
        max(revenue_of_top) as total_revenue,
        {{ gini('revenue', 'copies', 'copies_so_far', 'customer_count') }} as gini,
        {{ top_20_share('revenue', 'copies', 'copies_so_far', 'customer_count') }} as top_20_share
    from ranked

),

percentiles as (

    {{ number_series(0, 100, 'percentile') }}

),

-- the top p percent are the first ceil(p n / 100) customers, in whole numbers
points as (

    select
        percentiles.percentile,
        totals.total_revenue,
        totals.gini,
        totals.top_20_share,
        floor((percentiles.percentile * totals.customer_count + 99) / 100.0) as customers,
        totals.customer_count - floor((percentiles.percentile * totals.customer_count + 99) / 100.0) as customers_left
    from percentiles
    cross join totals
    where totals.customer_count > 0

),

-- the last of the top customers stands somewhere among those of equal revenue: the others of them are taken off again
curve as (

    select
        points.*,
        coalesce(
            ranked.revenue_of_top - ranked.revenue * (points.customers_left - ranked.copies_so_far + ranked.copies), 0
        ) as cumulative_revenue
    from points
    left join ranked
        on
            points.customers_left >= ranked.copies_so_far - ranked.copies
            and points.customers_left < ranked.copies_so_far

),

final as (

    select
        cast(percentile as integer) as percentile,
        cast(customers as bigint) as customers,
        cast(cumulative_revenue as decimal(18, 2)) as cumulative_revenue,
        cast({{ ratio('cumulative_revenue', 'total_revenue') }} as double precision) as cumulative_share_of_revenue,
        cast(gini as double precision) as gini,
        cast(top_20_share as double precision) as top_20_share,
        {{ as_of_date() }} as as_of_date
    from curve

)

select * from final
