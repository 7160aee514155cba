with customers as (

    select * from {{ ref('feat_customer_purchases') }}

),

full_period as (

    select
        'full' as period,
        segment,
        x,
        t_x_days,
        t_days,
        0 as holdout_x,
        has_spend,
        count(*) as customers
    from customers
    group by segment, x, t_x_days, t_days, has_spend

),

calibration as (

    select
        'calibration' as period,
        segment,
        calibration_x as x,
        calibration_t_x_days as t_x_days,
        calibration_t_days as t_days,
        holdout_x,
        false as has_spend,
        count(*) as customers
    from customers
    where calibration_x is not null
    group by segment, calibration_x, calibration_t_x_days, calibration_t_days, holdout_x

),

final as (

    select * from full_period
    union all
    select * from calibration

)

select * from final
