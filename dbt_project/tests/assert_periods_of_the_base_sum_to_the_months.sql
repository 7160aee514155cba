-- Detects: orders or revenue that the periods of base_health gain or lose against the months, customers who come
-- twice, a change that its parts do not explain, or an active customer who is neither new nor kept nor returned.
-- Usual cause: an event on the border of a period.
-- A row: the sums that differ.
{{ config(tags=['candidate']) }}

with periods as (

    select
        sum(net_revenue + guest_revenue) as revenue,
        sum(order_count + guest_orders) as orders,
        sum(new_customers) as new_customers,
        min(returned_customers) as fewest_returned,
        min(lost_customers) as fewest_lost,
        coalesce(sum(abs(revenue_change - change_from_customers - change_from_orders - change_from_value)), 0)
            as unexplained
    from {{ ref('base_health') }}

),

months as (

    select
        coalesce(sum(net_revenue), 0) as revenue,
        coalesce(sum(orders), 0) as orders,
        coalesce(sum(new), 0) as new_customers
    from {{ ref('kpi_monthly') }}

),

final as (

    select
        periods.*,
        months.revenue as revenue_of_months,
        months.orders as orders_of_months,
        months.new_customers as new_customers_of_months
    from periods
    cross join months
    where
        periods.revenue <> months.revenue
        or periods.orders <> months.orders
        or periods.new_customers <> months.new_customers
        or periods.fewest_returned < 0
        or periods.fewest_lost < 0
        or periods.unexplained <> 0

)

select * from final
