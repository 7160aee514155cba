with customers as (

    select
        customer_id,
        first_order_date,
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

lives as (

    select lengths.within_days
    from (values (30), (90), (180), (365)) as lengths (within_days)

),

-- only whom we have known for so long can be compared over so many days
observed as (

    select
        customers.customer_id,
        customers.cohort_month,
        customers.first_order_date,
        lives.within_days,
        {{ days_between('customers.first_order_date', as_of_date()) }} >= lives.within_days as is_observed
    from customers
    cross join lives

),

events as (

    select
        customer_id,
        purchase_date as event_date,
        order_count,
        gross_revenue - discounts as amount
    from purchase_days
    union all
    select
        customer_id,
        refund_date as event_date,
        0 as order_count,
        0 - amount as amount
    from refunds
    where customer_id is not null

),

begun as (

    select
        observed.customer_id,
        observed.within_days,
        sum(events.order_count) as order_count,
        sum(events.amount) as net_revenue
    from observed
    inner join events
        on
            observed.customer_id = events.customer_id
            and {{ days_between('observed.first_order_date', 'events.event_date') }} <= observed.within_days
    where observed.is_observed
    group by observed.customer_id, observed.within_days

),

summed as (

    select
        observed.cohort_month,
        observed.within_days,
        count(*) as cohort_size,
        count(begun.customer_id) as observed_customers,
        coalesce(sum(case when begun.order_count >= 2 then 1 else 0 end), 0) as repeat_customers,
        coalesce(sum(begun.order_count), 0) as order_count,
        coalesce(sum(begun.net_revenue), 0) as net_revenue
    from observed
    left join begun
        on
            observed.customer_id = begun.customer_id
            and observed.within_days = begun.within_days
    group by observed.cohort_month, observed.within_days

),

final as (

    select
        cast(within_days as integer) as within_days,
        cast(cohort_size as bigint) as cohort_size,
        cast(observed_customers as bigint) as observed_customers,
        cast(repeat_customers as bigint) as repeat_customers,
        cast({{ ratio('repeat_customers', 'observed_customers') }} as double precision) as repeat_rate,
        cast(order_count as bigint) as order_count,
        cast({{ ratio('order_count', 'observed_customers') }} as double precision) as orders_per_customer,
        cast(net_revenue as decimal(18, 2)) as net_revenue,
        cast({{ amount_per('net_revenue', 'observed_customers') }} as decimal(18, 2)) as revenue_per_customer,
        observed_customers = cohort_size as is_complete,
        cast(cohort_month as date) as cohort_month,
        {{ as_of_date() }} as as_of_date
    from summed

)

select * from final
