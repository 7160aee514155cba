with orders as (

    select * from {{ ref('feat_all_orders') }}

),

refunds as (

    select * from {{ ref('feat_all_refunds') }}

),

first_days as (

    select min(order_date) as first_day from orders
    union all
    select min(refund_date) as first_day from refunds
    union all
    select {{ as_of_date() }} as first_day

),

days as (

    {{ day_series('(select min(first_day) from first_days)', as_of_date(), 'date_day') }}

),

final as (

    select
        cast(date_day as date) as date_day,
        cast(date_trunc('week', date_day) as date) as week_start_date,
        {{ month_start('date_day') }} as month_start_date,
        cast(date_trunc('quarter', date_day) as date) as quarter_start_date,
        cast(extract(year from date_day) as integer) as calendar_year,
        cast(extract(quarter from date_day) as integer) as calendar_quarter,
        cast(extract(month from date_day) as integer) as calendar_month,
        cast({{ iso_year('date_day') }} as integer) as iso_year,
        cast(extract(week from date_day) as integer) as iso_week,
        cast({{ iso_day_of_week('date_day') }} as integer) as iso_day_of_week,
        cast({{ iso_day_of_week('date_day') }} >= 6 as boolean) as is_weekend,
        cast({{ month_end('date_day') }} <= {{ as_of_date() }} as boolean) as is_month_complete,
        {{ as_of_date() }} as as_of_date
    from days

)

select * from final
