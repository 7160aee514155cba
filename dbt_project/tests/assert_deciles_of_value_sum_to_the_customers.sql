-- Detects: customers or money that the deciles of value gain or lose, deciles that are not equally large, or a Lorenz
-- curve that does not end at everything.
-- Usual cause: a filter in value_distribution, or a customer with two rows.
-- A row: the sums that differ.
{{ config(tags=['candidate']) }}

with deciles as (

    select
        sum(customers) as customers,
        sum(order_count) as order_count,
        sum(net_revenue) as net_revenue,
        sum(margin) as margin,
        max(case when decile > 0 then customers end) - min(case when decile > 0 then customers end) as spread,
        max(case when decile = 1 then lorenz_share_of_revenue end) as lorenz_end
    from {{ ref('value_distribution') }}

),

customers as (

    select
        count(*) as customers,
        coalesce(sum(order_count), 0) as order_count,
        coalesce(sum(net_revenue), 0) as net_revenue,
        coalesce(sum(margin), 0) as margin
    from {{ ref('dim_customers') }}

),

final as (

    select
        deciles.*,
        customers.customers as dim_customers,
        customers.order_count as dim_order_count,
        customers.net_revenue as dim_net_revenue,
        customers.margin as dim_margin
    from deciles
    cross join customers
    where
        deciles.customers <> customers.customers
        or deciles.order_count <> customers.order_count
        or deciles.net_revenue <> customers.net_revenue
        or deciles.margin <> customers.margin
        or deciles.spread > 1
        or abs(deciles.lorenz_end - 1) > 0.000000001

)

select * from final
