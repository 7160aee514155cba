{%- set column = clv_segment_column() %}
{%- set segment = "'all'" if column is none else "coalesce(customers." ~ column ~ ", 'unknown')" %}

with purchase_days as (

    select * from {{ ref('feat_purchase_days') }}

),

purchase_window as (

    select * from {{ ref('feat_purchase_window') }}

),

customers as (

    select * from {{ ref('feat_customers_known') }}

),

histories as (

    select
        purchase_days.customer_id,
        count(*) as purchase_day_count,
        sum(case when purchase_days.purchase_date <= purchase_window.calibration_to then 1 else 0 end)
            as calibration_day_count,
        sum(
            case
                when purchase_days.purchase_number > 1 then purchase_days.gross_revenue - purchase_days.discounts
                else 0
            end
        ) as repeat_value,
        sum(
            case
                when purchase_days.purchase_number = 1 then purchase_days.gross_revenue - purchase_days.discounts
                else 0
            end
        ) as first_value,
        min(purchase_days.purchase_date) as first_purchase_date,
        max(purchase_days.purchase_date) as last_purchase_date,
        max(
            case
                when purchase_days.purchase_date <= purchase_window.calibration_to then purchase_days.purchase_date
            end
        ) as last_calibration_date,
        max(purchase_window.calibration_to) as calibration_to
    from purchase_days
    cross join purchase_window
    group by purchase_days.customer_id

),

final as (

    select
        histories.customer_id,
        {{ segment }} as segment,
        coalesce(customers.acquisition_channel, 'unknown') as acquisition_channel,
        cast(histories.purchase_day_count - 1 as integer) as x,
        cast({{ days_between('histories.first_purchase_date', 'histories.last_purchase_date') }} as integer)
            as t_x_days,
        cast({{ days_between('histories.first_purchase_date', as_of_date()) }} as integer) as t_days,
        cast(
            case
                when histories.calibration_day_count > 0 then histories.calibration_day_count - 1
            end as integer
        ) as calibration_x,
        cast({{ days_between('histories.first_purchase_date', 'histories.last_calibration_date') }} as integer)
            as calibration_t_x_days,
        cast(
            case
                when histories.calibration_day_count > 0
                    then {{ days_between('histories.first_purchase_date', 'histories.calibration_to') }}
            end as integer
        ) as calibration_t_days,
        cast(histories.purchase_day_count - histories.calibration_day_count as integer) as holdout_x,
        cast(histories.repeat_value as decimal(18, 2)) as repeat_value,
        cast(histories.first_value as decimal(18, 2)) as first_value,
        histories.purchase_day_count > 1 and histories.repeat_value > 0 as has_spend,
        histories.first_purchase_date,
        histories.last_purchase_date
    from histories
    left join customers
        on histories.customer_id = customers.customer_id

)

select * from final
