with purchase_days as (

    select * from {{ ref('feat_purchase_days') }}

),

customers as (

    select * from {{ ref('feat_customer_cadence') }}

),

first_purchases as (

    select
        {{ month_start('purchase_date') }} as month,
        {{ month_start(add_days('purchase_date', '-gap_days')) }} as previous_month
    from purchase_days
    where {{ is_first_purchase_of_month() }}

),

-- how many customers came from which month to which: everything below reads these few rows
moves as (

    select
        month,
        previous_month,
        count(*) as customers
    from first_purchases
    group by month, previous_month

),

buyers as (

    select
        month,
        sum(customers) as active_customers,
        sum(case when previous_month is null then customers else 0 end) as new_customers,
        sum(
            case when previous_month = {{ add_months('month', -1) }} then customers else 0 end
        ) as returning_customers,
        sum(
            case when previous_month < {{ add_months('month', -1) }} then customers else 0 end
        ) as resurrected_customers
    from moves
    group by month

),

-- who skipped months fell silent after the month before, and everybody does after their last month up to D
silences as (

    select
        {{ add_months('previous_month', 1) }} as month,
        customers
    from moves
    where previous_month < {{ add_months('month', -1) }}
    union all
    select
        {{ add_months('last_purchase_date', 1) }} as month,
        count(*) as customers
    from customers
    group by {{ add_months('last_purchase_date', 1) }}

),

silent as (

    select
        month,
        sum(customers) as dormant_customers
    from silences
    group by month

),

final as (

    select
        coalesce(buyers.active_customers, 0) as active_customers,
        coalesce(buyers.new_customers, 0) as new_customers,
        coalesce(buyers.returning_customers, 0) as returning_customers,
        coalesce(buyers.resurrected_customers, 0) as resurrected_customers,
        coalesce(silent.dormant_customers, 0) as dormant_customers,
        coalesce(buyers.month, silent.month) as month
    from buyers
    full outer join silent
        on buyers.month = silent.month

)

select * from final
