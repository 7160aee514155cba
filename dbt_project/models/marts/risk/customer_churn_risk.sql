with features as (

    select * from {{ ref('feat_churn_features') }}
    where
        purpose = 'scoring'
        and observed_on = {{ as_of_date() }}

),

inputs as (

    select * from {{ ref('feat_churn_inputs') }}
    where
        purpose = 'scoring'
        and observed_on = {{ as_of_date() }}

),

choice as (

    select * from {{ source('scores', 'risk_choice') }}

),

cells as (

    select * from {{ source('scores', 'risk_table') }}
    where purpose = 'used'

),

coefficients as (

    {{ churn_coefficients(source('scores', 'risk_coefficients'), 'used') }}

),

chosen as (

    select
        max(model_name) as model_name,
        coalesce(max(grade), 'insufficient') as model_grade
    from choice

),

scored as (

    select
        inputs.customer_id,
        chosen.model_name,
        chosen.model_grade,
        cast(
            case
                when chosen.model_name = 'table' then cells.probability
                when chosen.model_name is not null then {{ churn_probability('inputs', 'coefficients') }}
            end as decimal(7, 6)
        ) as probability
    from inputs
    cross join chosen
    cross join coefficients
    left join cells
        on
            inputs.frequency_band = cells.frequency_band
            and inputs.overdue_band = cells.overdue_band

),

valued as (

    select
        features.*,
        scored.model_name,
        scored.model_grade,
        scored.probability,
        features.days_since - features.own_cadence_days as days_overdue,
        case
            when features.earlier_net_revenue > 0
                then {{ ratio('features.later_net_revenue', 'features.earlier_net_revenue') }}
        end as buying_ratio,
        -- what a year of staying would bring, and not much more than the last one did
        greatest(
            least(
                {{ ratio('features.net_revenue', 'features.purchase_days') }} * 365
                / nullif(features.own_cadence_days, 0),
                1.5 * cast(features.year_net_revenue as double precision)
            ),
            0
        ) as year_of_staying
    from features
    inner join scored
        on features.customer_id = scored.customer_id

),

reasoned as (

    select
        *,
        case when overdue_ratio > {{ var('at_risk_cadence_factor') }} then ',overdue' else '' end
        || case when complaints_90d >= 1 then ',complaints' else '' end
        || case when satisfaction_change >= {{ var('risk_dissatisfied_drop') }} then ',dissatisfied' else '' end
        || case when buying_ratio <= {{ var('relationship_decline_ratio') }} then ',buying_less' else '' end
            as reasons
    from valued

),

final as (

    select
        cast(customer_id as varchar) as customer_id,
        cast(
            case
                when probability >= {{ var('risk_high') }} then 'high'
                when probability >= {{ var('risk_medium') }} then 'medium'
                when probability is not null then 'low'
                else 'unknown'
            end as varchar
        ) as risk_band,
        cast(nullif(substr(reasons, 2), '') as varchar) as reasons,
        cast(model_name as varchar) as model_name,
        cast(model_grade as varchar) as model_grade,
        cast(probability as double precision) as churn_probability,
        cast(round(cast(100 * probability as decimal(9, 4)), 0) as integer) as risk_score,
        {{ money(widen('probability * year_of_staying')) }} as revenue_at_risk,
        cast(days_since as integer) as days_since_last_order,
        cast(own_cadence_days as double precision) as own_cadence_days,
        cast(overdue_ratio as double precision) as overdue_ratio,
        cast(days_overdue as double precision) as days_overdue,
        cast(purchase_days as bigint) as purchase_days,
        cast(purchase_days_90d as bigint) as purchase_days_90d,
        cast(purchase_days_365d as bigint) as purchase_days_365d,
        cast(tenure_days as integer) as tenure_days,
        cast(later_net_revenue as decimal(18, 2)) as later_net_revenue,
        cast(earlier_net_revenue as decimal(18, 2)) as earlier_net_revenue,
        cast(buying_ratio as double precision) as buying_ratio,
        cast(complaints_90d as bigint) as complaints_90d,
        cast(open_complaints as bigint) as open_complaints,
        cast(satisfaction_change as double precision) as satisfaction_change,
        cast(refund_share as double precision) as refund_share,
        cast(discount_share as double precision) as discount_share,
        cast(is_own_cadence as boolean) as is_own_cadence,
        {{ as_of_date() }} as as_of_date
    from reasoned

)

select * from final
