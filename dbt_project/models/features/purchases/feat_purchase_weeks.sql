with purchase_days as (

    select * from {{ ref('feat_purchase_days') }}
    where purchase_number > 1

),

customers as (

    select * from {{ ref('feat_customer_purchases') }}
    where calibration_x is not null

),

purchase_window as (

    select * from {{ ref('feat_purchase_window') }}

),

weeks as (

    {{ number_series(1, "(select cast(ceil(history_days / 7.0) as integer) from purchase_window)", column='week') }}

),

segments as (

    select distinct segment from customers

),

-- a repeat purchase is at least a day after the first day of the history
dated as (

    select
        customers.segment,
        cast(
            ceil({{ days_between('purchase_window.history_from', 'purchase_days.purchase_date') }} / 7.0) as integer
        ) as week
    from purchase_days
    inner join customers
        on purchase_days.customer_id = customers.customer_id
    cross join purchase_window

),

bought as (

    select
        segment,
        week,
        count(*) as purchases
    from dated
    group by segment, week

),

final as (

    select
        segments.segment,
        weeks.week,
        coalesce(bought.purchases, 0) as purchases,
        7 * (weeks.week - 1)
        >= {{ days_between('purchase_window.history_from', 'purchase_window.calibration_to') }} as is_holdout
    from segments
    cross join weeks
    cross join purchase_window
    left join bought
        on
            segments.segment = bought.segment
            and weeks.week = bought.week

)

select * from final
