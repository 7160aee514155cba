with records as (

    select * from {{ source('scores', 'risk_record') }}

),

choice as (

    select * from {{ source('scores', 'risk_choice') }}

),

features as (

    select * from {{ ref('feat_churn_features') }}
    where
        purpose = 'lead_time'
        or (has_left and observed_on = {{ add_days(as_of_date(), -var('risk_horizon_days')) }})

),

inputs as (

    select * from {{ ref('feat_churn_inputs') }}

),

cells as (

    select * from {{ source('scores', 'risk_table') }}
    where purpose = 'judged'

),

coefficients as (

    {{ churn_coefficients(source('scores', 'risk_coefficients'), 'judged') }}

),

judged as (

    select max(judged_name) as model_name
    from choice

),

-- who has left, on the day that the record begins and at the month ends since
scored as (

    select
        features.customer_id,
        features.observed_on,
        {{ add_days('features.last_purchase_date', 'cast(features.churn_limit_days as integer)') }} as churned_on,
        case
            when judged.model_name = 'table' then cells.probability
            else {{ churn_probability('inputs', 'coefficients') }}
        end as probability
    from features
    inner join inputs
        on
            features.customer_id = inputs.customer_id
            and features.observed_on = inputs.observed_on
    cross join judged
    cross join coefficients
    left join cells
        on
            inputs.frequency_band = cells.frequency_band
            and inputs.overdue_band = cells.overdue_band

),

flagged as (

    select
        customer_id,
        {{ days_between('min(observed_on)', 'min(churned_on)') }} as lead_time_days
    from scored
    where probability >= {{ var('risk_high') }}
    group by customer_id

),

lead_times as (

    select {{ median('lead_time_days') }} as lead_time_days
    from flagged

),

rows_of_models as (

    select
        records.model_name as candidate,
        case when records.is_used then choice.grade end as grade,
        case when records.is_used then choice.reason end as reason,
        records.sort_order,
        records.is_used,
        records.is_judged,
        records.customers,
        records.base_rate,
        records.mean_probability,
        records.auc,
        records.log_loss,
        records.brier,
        records.calibration_error,
        records.precision_high,
        records.recall_high,
        records.precision_medium,
        records.recall_medium,
        records.lift_top_tenth,
        case when records.is_judged then lead_times.lead_time_days end as lead_time_days
    from records
    cross join choice
    cross join lead_times
    union all
    -- where nothing is said there is one row that says why
    select
        'none' as candidate,
        choice.grade,
        choice.reason,
        0 as sort_order,
        true as is_used,
        false as is_judged,
        0 as customers,
        null as base_rate,
        null as mean_probability,
        null as auc,
        null as log_loss,
        null as brier,
        null as calibration_error,
        null as precision_high,
        null as recall_high,
        null as precision_medium,
        null as recall_medium,
        null as lift_top_tenth,
        null as lead_time_days
    from choice
    where choice.model_name is null

),

final as (

    select
        cast(candidate as varchar) as candidate,
        cast(grade as varchar) as grade,
        cast(reason as varchar) as reason,
        cast(sort_order as integer) as sort_order,
        cast(customers as bigint) as customers,
        cast({{ var('risk_horizon_days') }} as integer) as horizon_days,
        cast(base_rate as double precision) as base_rate,
        cast(mean_probability as double precision) as mean_probability,
        cast(auc as double precision) as auc,
        cast(log_loss as double precision) as log_loss,
        cast(brier as double precision) as brier,
        cast(calibration_error as double precision) as calibration_error,
        cast(precision_high as double precision) as precision_high,
        cast(recall_high as double precision) as recall_high,
        cast(precision_medium as double precision) as precision_medium,
        cast(recall_medium as double precision) as recall_medium,
        cast(lift_top_tenth as double precision) as lift_top_tenth,
        cast(lead_time_days as double precision) as lead_time_days,
        cast(is_used as boolean) as is_used,
        cast(is_judged as boolean) as is_judged,
        {{ as_of_date() }} as as_of_date
    from rows_of_models

)

select * from final
