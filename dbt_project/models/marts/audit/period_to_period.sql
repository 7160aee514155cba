with customers as (

    select * from {{ ref('feat_customer_orders') }}

),

periods as (

    select * from {{ ref('feat_customer_periods') }}

),

guests as (

    select * from {{ ref('feat_guest_periods') }}

),

-- the two periods of a customer side by side
both_periods as (

    select
        customer_id,
        sum(case when period_number = 2 then order_count else 0 end) as orders_before,
        sum(case when period_number = 1 then order_count else 0 end) as orders_now,
        sum(case when period_number = 2 then net_revenue else 0 end) as revenue_before,
        sum(case when period_number = 1 then net_revenue else 0 end) as revenue_now
    from periods
    where period_number <= 2
    group by customer_id

),

movements as (

    select
        case
            when both_periods.orders_before > 0 and both_periods.orders_now > 0 then 'kept'
            when both_periods.orders_before > 0 then 'lost'
            when both_periods.orders_now > 0 and customers.first_order_date >= {{ period_start(1) }} then 'new'
            when both_periods.orders_now > 0 then 'returned'
            else 'idle'
        end as movement,
        1 as customers,
        coalesce(both_periods.orders_before, 0) as orders_before,
        coalesce(both_periods.orders_now, 0) as orders_now,
        coalesce(both_periods.revenue_before, 0) as revenue_before,
        coalesce(both_periods.revenue_now, 0) as revenue_now
    from customers
    left join both_periods
        on customers.customer_id = both_periods.customer_id
    union all
    select
        'guests' as movement,
        0 as customers,
        case when period_number = 2 then order_count else 0 end as orders_before,
        case when period_number = 1 then order_count else 0 end as orders_now,
        case when period_number = 2 then net_revenue else 0 end as revenue_before,
        case when period_number = 1 then net_revenue else 0 end as revenue_now
    from guests
    where period_number <= 2

),

names as (

    select
        movement_names.movement,
        movement_names.sort_order
    from (
        values ('kept', 1), ('lost', 2), ('new', 3), ('returned', 4), ('idle', 5), ('guests', 6)
    ) as movement_names (movement, sort_order)

),

summed as (

    select
        names.movement,
        names.sort_order,
        coalesce(sum(movements.customers), 0) as customers,
        coalesce(sum(movements.orders_before), 0) as orders_before,
        coalesce(sum(movements.orders_now), 0) as orders_now,
        cast(coalesce(sum(movements.revenue_before), 0) as decimal(18, 2)) as revenue_before,
        cast(coalesce(sum(movements.revenue_now), 0) as decimal(18, 2)) as revenue_now
    from names
    left join movements
        on names.movement = movements.movement
    group by names.movement, names.sort_order

),

explained as (

    select
        *,
        revenue_now - revenue_before as revenue_change,
        {{ change_from_orders('orders_before', 'orders_now', 'revenue_before', 'revenue_now') }} as from_orders
    from summed

),

history as (

    select min(first_order_date) as history_from
    from customers

),

final as (

    select
        cast(explained.movement as varchar) as movement,
        cast(explained.sort_order as integer) as sort_order,
        cast(explained.customers as bigint) as customers,
        cast(explained.orders_before as bigint) as orders_before,
        cast(explained.orders_now as bigint) as orders_now,
        explained.revenue_before,
        explained.revenue_now,
        cast(explained.revenue_change as decimal(18, 2)) as revenue_change,
        explained.from_orders as change_from_orders,
        cast(explained.revenue_change - explained.from_orders as decimal(18, 2)) as change_from_value,
        coalesce(history.history_from <= {{ period_start(2) }}, false) as is_comparable,
        {{ period_start(2) }} as before_from,
        {{ period_end(2) }} as before_to,
        {{ period_start(1) }} as now_from,
        {{ as_of_date() }} as as_of_date
    from explained
    cross join history

)

select * from final
