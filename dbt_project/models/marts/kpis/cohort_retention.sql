with customers as (

    select
        customer_id,
        {{ month_start('first_purchase_date') }} as cohort_month
    from {{ ref('feat_customer_cadence') }}

),

purchase_days as (

    select * from {{ ref('feat_purchase_days') }}

),

refunds as (

    select * from {{ ref('feat_refunds') }}

),

cohorts as (

    select
        cohort_month,
        count(*) as cohort_size
    from customers
    group by cohort_month

),

bought as (

    select
        customers.cohort_month,
        {{ month_start('purchase_days.purchase_date') }} as month,
        sum(case when {{ is_first_purchase_of_month() }} then 1 else 0 end) as active_customers,
        sum(purchase_days.gross_revenue - purchase_days.discounts) as amount
    from purchase_days
    inner join customers
        on purchase_days.customer_id = customers.customer_id
    group by customers.cohort_month, {{ month_start('purchase_days.purchase_date') }}

),

-- the return of something bought before the data begin has no age of its own: it counts at age 0
given_back as (

    select
        customers.cohort_month,
        greatest({{ month_start('refunds.refund_date') }}, customers.cohort_month) as month,
        sum(refunds.amount) as amount
    from refunds
    inner join customers
        on refunds.customer_id = customers.customer_id
    group by customers.cohort_month, greatest({{ month_start('refunds.refund_date') }}, customers.cohort_month)

),

months as (

    {{ month_series("(select min(cohort_month) from cohorts)", as_of_date()) }}

),

filled as (

    select
        cohorts.cohort_month,
        cohorts.cohort_size,
        months.month,
        {{ months_between('cohorts.cohort_month', 'months.month') }} as age,
        coalesce(bought.active_customers, 0) as active_customers,
        coalesce(bought.amount, 0) - coalesce(given_back.amount, 0) as net_revenue
    from cohorts
    inner join months
        on cohorts.cohort_month <= months.month
    left join bought
        on
            cohorts.cohort_month = bought.cohort_month
            and months.month = bought.month
    left join given_back
        on
            cohorts.cohort_month = given_back.cohort_month
            and months.month = given_back.month

),

cumulated as (

    select
        *,
        sum(net_revenue) over (
            partition by cohort_month order by month
            rows between unbounded preceding and current row
        ) as cumulative_net_revenue
    from filled

),

final as (

    select
        cast(age as integer) as age,
        cast(cohort_size as bigint) as cohort_size,
        cast(active_customers as bigint) as active_customers,
        cast({{ ratio('active_customers', 'cohort_size') }} as double precision) as retention_rate,
        cast(net_revenue as decimal(18, 2)) as net_revenue,
        cast({{ amount_per('cumulative_net_revenue', 'cohort_size') }} as decimal(18, 2))
            as cumulative_net_revenue_per_customer,
        {{ month_end('month') }} <= {{ as_of_date() }} as is_complete,
        cast(cohort_month as date) as cohort_month,
        {{ as_of_date() }} as as_of_date
    from cumulated

)

select * from final
