with purchase_days as (

    select * from {{ ref('feat_purchase_days') }}

),

history as (

    select
        min(purchase_date) as history_from,
        coalesce({{ days_between('min(purchase_date)', as_of_date()) }}, 0) as history_days
    from purchase_days

),

-- at most half of the history, rounded up to whole weeks
held_out as (

    select
        history_from,
        history_days,
        least({{ var('holdout_weeks') }}, cast(ceil(history_days / 14.0) as integer)) as holdout_weeks
    from history

),

final as (

    select
        cast(history_days as integer) as history_days,
        cast(holdout_weeks as integer) as holdout_weeks,
        history_from,
        {{ add_days(as_of_date(), '-7 * holdout_weeks') }} as calibration_to,
        {{ as_of_date() }} as as_of_date
    from held_out

)

select * from final
