with scored as (

    select * from {{ source('scores', 'clv_model_quality') }}

),

margin_rates as (

    select * from {{ ref('feat_margin_rate') }}

),

final as (

    select
        cast(scored.segment as varchar) as segment,
        cast(scored.model_name as varchar) as model_name,
        cast(scored.kind as varchar) as kind,
        cast(scored.grade as varchar) as grade,
        cast(scored.reason as varchar) as reason,
        cast(scored.parameters as varchar) as parameters,
        cast(scored.at_bound as varchar) as at_bound,
        cast(scored.best_baseline as varchar) as best_baseline,
        cast(margin_rates.origin as varchar) as margin_rate_origin,
        cast(scored.customers as bigint) as customers,
        cast(scored.repeat_customers as bigint) as repeat_customers,
        cast(scored.tuples as bigint) as tuples,
        cast(scored.holdout_weeks as integer) as holdout_weeks,
        cast({{ var('clv_horizon_weeks') }} as integer) as horizon_weeks,
        cast(scored.holdout_customers as bigint) as holdout_customers,
        cast(scored.holdout_purchases as bigint) as holdout_purchases,
        cast(scored.history_weeks as double precision) as history_weeks,
        cast(scored.log_likelihood as double precision) as log_likelihood,
        cast(scored.holdout_expected as double precision) as holdout_expected,
        cast(scored.holdout_mae as double precision) as holdout_mae,
        cast(scored.holdout_rmse as double precision) as holdout_rmse,
        cast(scored.holdout_total_error as double precision) as holdout_total_error,
        cast(scored.best_baseline_rmse as double precision) as best_baseline_rmse,
        cast(scored.value_frequency_correlation as double precision) as value_frequency_correlation,
        cast(margin_rates.margin_rate as double precision) as margin_rate,
        cast({{ var('annual_discount_rate') }} as double precision) as annual_discount_rate,
        cast(scored.is_converged as boolean) as is_converged,
        cast(scored.is_trustworthy as boolean) as is_trustworthy,
        cast(scored.is_chosen as boolean) as is_chosen,
        cast(scored.is_frozen as boolean) as is_frozen,
        cast(scored.is_pooled as boolean) as is_pooled,
        {{ as_of_date() }} as as_of_date
    from scored
    cross join margin_rates

)

select * from final
