with customers as (

    select
        customer_id,
        cast(date_trunc('year', first_order_date) as date) as cohort_year,
        {{ month_start('first_order_date') }} as cohort_month
    from {{ ref('feat_customer_orders') }}
    where order_count > 0

),

purchase_days as (

    select * from {{ ref('feat_purchase_days') }}

),

refunds as (

    select * from {{ ref('feat_refunds') }}

),

cohorts as (

    select
        cohort_year,
        min(cohort_month) as first_month,
        count(*) as cohort_size
    from customers
    group by cohort_year

),

-- what was given back before the first purchase counts in its month, as in cohort_retention
events as (

    select
        customers.customer_id,
        customers.cohort_year,
        {{ month_start('purchase_days.purchase_date') }} as month,
        purchase_days.order_count,
        purchase_days.gross_revenue - purchase_days.discounts as amount
    from purchase_days
    inner join customers
        on purchase_days.customer_id = customers.customer_id
    union all
    select
        customers.customer_id,
        customers.cohort_year,
        greatest({{ month_start('refunds.refund_date') }}, customers.cohort_month) as month,
        0 as order_count,
        0 - refunds.amount as amount
    from refunds
    inner join customers
        on refunds.customer_id = customers.customer_id

),

by_month as (

    select
        cohort_year,
        'month' as granularity,
        month as period_start,
        count(distinct case when order_count > 0 then customer_id end) as active_customers,
        sum(order_count) as order_count,
        sum(amount) as net_revenue
    from events
    group by cohort_year, month

),

by_year as (

    select
        cohort_year,
        'year' as granularity,
        cast(date_trunc('year', month) as date) as period_start,
        count(distinct case when order_count > 0 then customer_id end) as active_customers,
        sum(order_count) as order_count,
        sum(amount) as net_revenue
    from events
    group by cohort_year, cast(date_trunc('year', month) as date)

),

measured as (

    select * from by_month
    union all
    select * from by_year

),

months as (

    {{ month_series("(select min(first_month) from cohorts)", as_of_date()) }}

),

-- a month in which nobody of the cohort bought is a row as well
calendar as (

    select
        cohorts.cohort_year,
        cohorts.cohort_size,
        'month' as granularity,
        months.month as period_start
    from cohorts
    inner join months
        on cohorts.first_month <= months.month
    union all
    select distinct
        cohorts.cohort_year,
        cohorts.cohort_size,
        'year' as granularity,
        cast(date_trunc('year', months.month) as date) as period_start
    from cohorts
    inner join months
        on cohorts.first_month <= months.month

),

filled as (

    select
        calendar.cohort_year,
        calendar.cohort_size,
        calendar.granularity,
        calendar.period_start,
        case
            when calendar.granularity = 'month' then {{ month_end('calendar.period_start') }}
            else {{ month_end(add_months('calendar.period_start', 11)) }}
        end as period_end,
        coalesce(measured.active_customers, 0) as active_customers,
        coalesce(measured.order_count, 0) as order_count,
        coalesce(measured.net_revenue, 0) as net_revenue
    from calendar
    left join measured
        on
            calendar.cohort_year = measured.cohort_year
            and calendar.granularity = measured.granularity
            and calendar.period_start = measured.period_start

),

final as (

    select
        cast(granularity as varchar) as granularity,
        cast(cohort_size as bigint) as cohort_size,
        cast(active_customers as bigint) as active_customers,
        cast({{ ratio('active_customers', 'cohort_size') }} as double precision) as active_share,
        cast(order_count as bigint) as order_count,
        cast({{ ratio('order_count', 'active_customers') }} as double precision) as orders_per_customer,
        cast({{ amount_per('net_revenue', 'order_count') }} as decimal(18, 2)) as value_per_order,
        cast(net_revenue as decimal(18, 2)) as net_revenue,
        cast(
            sum(net_revenue) over (
                partition by cohort_year, granularity order by period_start
                rows between unbounded preceding and current row
            ) as decimal(18, 2)
        ) as cumulative_net_revenue,
        period_end <= {{ as_of_date() }} as is_complete,
        cast(cohort_year as date) as cohort_year,
        cast(period_start as date) as period_start,
        {{ as_of_date() }} as as_of_date
    from filled

)

select * from final
