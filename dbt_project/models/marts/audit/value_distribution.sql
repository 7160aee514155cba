with customers as (

    select * from {{ ref('feat_customer_orders') }}

),

-- equal values are parted by id, so that the deciles are equally large
ranked as (

    select
        *,
        row_number() over (order by net_revenue desc, customer_id asc) as place,
        count(*) over () as buyers
    from customers
    where order_count > 0

),

-- of a hundred and five buyers the first five deciles hold eleven, the others ten
placed as (

    select
        cast(floor((place - 1) * 10.0 / nullif(buyers, 0)) as integer) + 1 as decile,
        order_count,
        gross_revenue,
        discounts,
        refunds,
        net_revenue,
        margin
    from ranked
    union all
    select
        0 as decile,
        order_count,
        gross_revenue,
        discounts,
        refunds,
        net_revenue,
        margin
    from customers
    where order_count = 0

),

deciles as (

    {{ number_series(0, 10, 'decile') }}

),

summed as (

    select
        deciles.decile,
        count(placed.decile) as customers,
        coalesce(sum(placed.order_count), 0) as order_count,
        coalesce(sum(placed.gross_revenue - placed.discounts), 0) as bought_amount,
        coalesce(sum(placed.refunds), 0) as refunds,
        coalesce(sum(placed.net_revenue), 0) as net_revenue,
        coalesce(sum(case when placed.decile > 0 then greatest(placed.net_revenue, 0) end), 0) as clipped_revenue,
        coalesce(sum(placed.margin), 0) as margin,
        min(placed.net_revenue) as least_net_revenue,
        max(placed.net_revenue) as greatest_net_revenue
    from deciles
    left join placed
        on deciles.decile = placed.decile
    group by deciles.decile

),

cumulated as (

    select
        *,
        sum(case when decile > 0 then customers else 0 end) over () as buyers,
        sum(net_revenue) over () as all_net_revenue,
        sum(clipped_revenue) over () as all_clipped_revenue,
        sum(case when decile > 0 then customers else 0 end) over (
            order by decile desc rows between unbounded preceding and current row
        ) as customers_up_to,
        sum(clipped_revenue) over (
            order by decile desc rows between unbounded preceding and current row
        ) as clipped_revenue_up_to
    from summed

),

concentration as (

    select gini
    from {{ ref('revenue_concentration') }}
    where percentile = 0

),

final as (

    select
        cast(cumulated.decile as integer) as decile,
        cast(cumulated.customers as bigint) as customers,
        cast(cumulated.order_count as bigint) as order_count,
        cast(cumulated.bought_amount as decimal(18, 2)) as bought_amount,
        cast(cumulated.refunds as decimal(18, 2)) as refunds,
        cast(cumulated.net_revenue as decimal(18, 2)) as net_revenue,
        cast({{ ratio('cumulated.net_revenue', 'cumulated.all_net_revenue') }} as double precision) as share_of_revenue,
        cast(cumulated.margin as decimal(18, 2)) as margin,
        cast({{ amount_per('cumulated.net_revenue', 'cumulated.customers') }} as decimal(18, 2))
            as revenue_per_customer,
        cast({{ ratio('cumulated.order_count', 'cumulated.customers') }} as double precision) as orders_per_customer,
        cast({{ amount_per('cumulated.bought_amount', 'cumulated.order_count') }} as decimal(18, 2))
            as average_order_value,
        cast(cumulated.least_net_revenue as decimal(18, 2)) as least_net_revenue,
        cast(cumulated.greatest_net_revenue as decimal(18, 2)) as greatest_net_revenue,
        cast(
            case when cumulated.decile > 0 then {{ ratio('cumulated.customers_up_to', 'cumulated.buyers') }} end
            as double precision
        ) as lorenz_share_of_customers,
        cast(
            case
                when cumulated.decile > 0
                    then {{ ratio('cumulated.clipped_revenue_up_to', 'cumulated.all_clipped_revenue') }}
            end as double precision
        ) as lorenz_share_of_revenue,
        cast(concentration.gini as double precision) as gini,
        {{ as_of_date() }} as as_of_date
    from cumulated
    left join concentration
        on true

)

select * from final
