with customer_months as (

    select * from {{ ref('feat_customer_months') }}
    where cohort_month is not null

),

cohorts as (

    select
        cohort_month,
        count(*) as cohort_size
    from customer_months
    where month = cohort_month
    group by cohort_month

),

-- the return of something bought before the data begin has no age of its own: it counts at age 0
aged as (

    select
        cohort_month,
        greatest({{ months_between('cohort_month', 'month') }}, 0) as age,
        sum(case when is_active then 1 else 0 end) as active_customers,
        sum(net_revenue) as net_revenue
    from customer_months
    group by cohort_month, greatest({{ months_between('cohort_month', 'month') }}, 0)

),

months as (

    {{ month_series("(select min(cohort_month) from cohorts)", as_of_date()) }}

),

cells as (

    select
        cohorts.cohort_month,
        cohorts.cohort_size,
        months.month,
        {{ months_between('cohorts.cohort_month', 'months.month') }} as age
    from cohorts
    inner join months
        on cohorts.cohort_month <= months.month

),

filled as (

    select
        cells.cohort_month,
        cells.age,
        cells.month,
        cells.cohort_size,
        coalesce(aged.active_customers, 0) as active_customers,
        coalesce(aged.net_revenue, 0) as net_revenue
    from cells
    left join aged
        on
            cells.cohort_month = aged.cohort_month
            and cells.age = aged.age

),

final as (

    select
        cast(age as integer) as age,
        cast(cohort_size as bigint) as cohort_size,
        cast(active_customers as bigint) as active_customers,
        cast(cast(active_customers as double precision) / cohort_size as double precision) as retention_rate,
        cast(net_revenue as decimal(18, 2)) as net_revenue,
        cast(
            sum(net_revenue) over (
                partition by cohort_month order by age
                rows between unbounded preceding and current row
            ) / cohort_size as decimal(18, 2)
        ) as cumulative_net_revenue_per_customer,
        {{ add_months('month', 1) }} <= {{ as_of_date() }} + 1 as is_complete,
        cast(cohort_month as date) as cohort_month,
        {{ as_of_date() }} as as_of_date
    from filled

)

select * from final
