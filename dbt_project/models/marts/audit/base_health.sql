with customers as (

    select * from {{ ref('feat_customer_orders') }}
    where order_count > 0

),

lifecycle as (

    select * from {{ ref('feat_customer_stages') }}

),

customer_periods as (

    select * from {{ ref('feat_customer_periods') }}

),

guests as (

    select * from {{ ref('feat_guest_periods') }}

),

spans as (

    select max(period_number) as last_number
    from (
        select period_number from customer_periods
        union all
        select period_number from guests
    ) as found

),

periods as (

    {{ number_series(1, '(select coalesce(max(last_number), 1) from spans)', 'period_number') }}

),

firsts as (

    select
        customer_id,
        {{ period_number('first_order_date') }} as first_period
    from customers

),

-- who bought, and whether in the period before as well
active as (

    select
        customer_id,
        period_number,
        lead(period_number) over (partition by customer_id order by period_number) as period_before
    from customer_periods
    where order_count > 0

),

moved as (

    select
        active.period_number,
        count(*) as active_customers,
        sum(case when active.period_number = firsts.first_period then 1 else 0 end) as new_customers,
        sum(case when active.period_before = active.period_number + 1 then 1 else 0 end) as kept_customers
    from active
    inner join firsts
        on active.customer_id = firsts.customer_id
    group by active.period_number

),

money as (

    select
        period_number,
        sum(order_count) as order_count,
        sum(net_revenue) as net_revenue
    from customer_periods
    group by period_number

),

stages as (

    select
        sum(case when lifecycle_meaning = 'at_risk' then 1 else 0 end) as at_risk_customers,
        sum(case when lifecycle_meaning = 'lost' then 1 else 0 end) as churned_customers
    from lifecycle

),

filled as (

    select
        periods.period_number,
        coalesce(moved.active_customers, 0) as active_customers,
        coalesce(moved.new_customers, 0) as new_customers,
        coalesce(moved.kept_customers, 0) as kept_customers,
        coalesce(money.order_count, 0) as order_count,
        cast(coalesce(money.net_revenue, 0) as decimal(18, 2)) as net_revenue,
        coalesce(guests.order_count, 0) as guest_orders,
        coalesce(guests.net_revenue, 0) as guest_revenue
    from periods
    left join moved
        on periods.period_number = moved.period_number
    left join money
        on periods.period_number = money.period_number
    left join guests
        on periods.period_number = guests.period_number

),

compared as (

    select
        *,
        sum(new_customers) over (
            order by period_number desc rows between unbounded preceding and current row
        ) as customers,
        lead(active_customers, 1, 0) over (order by period_number) as active_before,
        lead(order_count, 1, 0) over (order by period_number) as orders_before,
        lead(net_revenue) over (order by period_number) as revenue_before
    from filled

),

explained as (

    select
        *,
        net_revenue - revenue_before as revenue_change,
        {{ revenue_tree_effect('customers') }} as from_customers,
        {{ revenue_tree_effect('orders') }} as from_orders
    from compared

),

history as (

    select min(first_order_date) as history_from
    from customers

),

final as (

    select
        cast(explained.period_number as integer) as period_number,
        cast(explained.customers as bigint) as customers,
        cast(explained.active_customers as bigint) as active_customers,
        cast({{ ratio('explained.active_customers', 'explained.customers') }} as double precision) as active_share,
        cast(explained.new_customers as bigint) as new_customers,
        cast(explained.kept_customers as bigint) as kept_customers,
        cast(explained.active_customers - explained.new_customers - explained.kept_customers as bigint)
            as returned_customers,
        cast(explained.active_before - explained.kept_customers as bigint) as lost_customers,
        cast({{ ratio('explained.kept_customers', 'explained.active_before') }} as double precision) as retention_rate,
        cast(case when explained.period_number = 1 then stages.at_risk_customers end as bigint) as at_risk_customers,
        cast(case when explained.period_number = 1 then stages.churned_customers end as bigint) as churned_customers,
        cast(explained.order_count as bigint) as order_count,
        cast({{ ratio('explained.order_count', 'explained.active_customers') }} as double precision)
            as orders_per_customer,
        cast({{ amount_per('explained.net_revenue', 'explained.order_count') }} as decimal(18, 2)) as value_per_order,
        cast(explained.net_revenue as decimal(18, 2)) as net_revenue,
        cast(explained.revenue_change as decimal(18, 2)) as revenue_change,
        cast(explained.from_customers as decimal(18, 2)) as change_from_customers,
        cast(explained.from_orders as decimal(18, 2)) as change_from_orders,
        cast(explained.revenue_change - explained.from_customers - explained.from_orders as decimal(18, 2))
            as change_from_value,
        cast(explained.guest_orders as bigint) as guest_orders,
        cast(explained.guest_revenue as decimal(18, 2)) as guest_revenue,
        coalesce(history.history_from <= {{ period_start('explained.period_number') }}, false) as is_complete,
        {{ period_start('explained.period_number') }} as period_from,
        {{ period_end('explained.period_number') }} as period_to,
        {{ as_of_date() }} as as_of_date
    from explained
    cross join stages
    cross join history

)

select * from final
