{%- set horizon = var('risk_horizon_days') %}
{%- set window = var('relationship_window_days') %}
{%- set days = churn_days() %}

with purchase_days as (

    select * from {{ ref('feat_purchase_days') }}

),

refunds as (

    select * from {{ ref('feat_refunds') }}
    where customer_id is not null

),

complaints as (

    select * from {{ ref('feat_tickets') }}
    where kind = 'complaint'

),

answers as (

    select * from {{ ref('feat_survey_answers') }}

),

days as (

    {% for day in days %}
    select
        {{ day.observed_on }} as observed_on,
        '{{ day.purpose }}' as purpose
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

satisfied as (

    {% for day in days %}
    select
        {{ day.observed_on }} as observed_on,
        changes.customer_id,
        changes.satisfaction_change
    from ({{ satisfaction_falls_at(day.observed_on, 'answers') }}) as changes
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

bought as (

    select
        days.observed_on,
        purchase_days.customer_id,
        max(purchase_days.purchase_number) as purchase_day_count,
        sum(
            case when purchase_days.purchase_date > {{ add_days('days.observed_on', -90) }} then 1 else 0 end
        ) as purchase_days_90d,
        sum(
            case when purchase_days.purchase_date > {{ add_days('days.observed_on', -365) }} then 1 else 0 end
        ) as purchase_days_in_window,
        sum(purchase_days.gross_revenue) as gross_revenue,
        sum(purchase_days.discounts) as discounts,
        sum(
            case
                when purchase_days.purchase_date > {{ add_days('days.observed_on', -window) }}
                    then purchase_days.gross_revenue - purchase_days.discounts
                else 0
            end
        ) as later_value,
        sum(
            case
                when
                    purchase_days.purchase_date > {{ add_days('days.observed_on', -2 * window) }}
                    and purchase_days.purchase_date <= {{ add_days('days.observed_on', -window) }}
                    then purchase_days.gross_revenue - purchase_days.discounts
                else 0
            end
        ) as earlier_value,
        sum(
            case
                when purchase_days.purchase_date > {{ add_days('days.observed_on', -365) }}
                    then purchase_days.gross_revenue - purchase_days.discounts
                else 0
            end
        ) as year_value,
        max(
            case
                when coalesce(purchase_days.next_purchase_date > days.observed_on, true)
                    then purchase_days.median_gap_days
            end
        ) as median_gap_days,
        max(
            case
                when purchase_days.next_purchase_date > days.observed_on then purchase_days.next_purchase_date
            end
        ) as next_purchase_date,
        min(purchase_days.purchase_date) as first_purchase_date,
        max(purchase_days.purchase_date) as last_purchase_date
    from days
    inner join purchase_days
        on days.observed_on >= purchase_days.purchase_date
    group by days.observed_on, purchase_days.customer_id

),

returned as (

    select
        days.observed_on,
        refunds.customer_id,
        sum(refunds.amount) as all_refunds,
        sum(
            case when refunds.refund_date > {{ add_days('days.observed_on', -window) }} then refunds.amount else 0 end
        ) as later_refunds,
        sum(
            case
                when
                    refunds.refund_date > {{ add_days('days.observed_on', -2 * window) }}
                    and refunds.refund_date <= {{ add_days('days.observed_on', -window) }}
                    then refunds.amount
                else 0
            end
        ) as earlier_refunds,
        sum(
            case when refunds.refund_date > {{ add_days('days.observed_on', -365) }} then refunds.amount else 0 end
        ) as year_refunds
    from days
    inner join refunds
        on days.observed_on >= refunds.refund_date
    group by days.observed_on, refunds.customer_id

),

complained as (

    select
        days.observed_on,
        complaints.customer_id,
        sum(
            case when complaints.created_date > {{ add_days('days.observed_on', -90) }} then 1 else 0 end
        ) as complaints_90d,
        sum(
            case
                when
                    coalesce(complaints.delivered_resolved_date > days.observed_on, true)
                    or (
                        complaints.reopened_at > complaints.delivered_resolved_at
                        and {{ business_date('complaints.reopened_at') }} <= days.observed_on
                    )
                    then 1
                else 0
            end
        ) as open_complaints
    from days
    inner join complaints
        on days.observed_on >= complaints.created_date
    group by days.observed_on, complaints.customer_id

),

cadences as (

    {{ customer_cadences_at('bought', 'observed_on', each='observed_on') }}

),

measured as (

    select
        days.purpose,
        bought.*,
        cadences.own_cadence_days,
        cadences.is_own_cadence,
        {{ days_between('bought.last_purchase_date', 'bought.observed_on') }} as days_since,
        {{ days_between('bought.first_purchase_date', 'bought.observed_on') }} as tenure_days,
        {{ churn_limit_days('cadences.own_cadence_days') }} as churn_limit_days
    from bought
    inner join days
        on bought.observed_on = days.observed_on
    inner join cadences
        on
            bought.observed_on = cadences.observed_on
            and bought.customer_id = cadences.customer_id

),

final as (

    select
        measured.observed_on,
        measured.customer_id,
        measured.purpose,
        measured.last_purchase_date,
        cast(measured.days_since as integer) as days_since,
        cast(measured.own_cadence_days as double precision) as own_cadence_days,
        {{ ratio('measured.days_since', 'measured.own_cadence_days') }} as overdue_ratio,
        cast(measured.churn_limit_days as double precision) as churn_limit_days,
        cast(measured.purchase_day_count as bigint) as purchase_days,
        cast(measured.purchase_days_90d as bigint) as purchase_days_90d,
        cast(measured.purchase_days_in_window as bigint) as purchase_days_365d,
        cast(measured.tenure_days as integer) as tenure_days,
        cast(measured.gross_revenue - measured.discounts - coalesce(returned.all_refunds, 0) as decimal(18, 2))
            as net_revenue,
        cast(measured.year_value - coalesce(returned.year_refunds, 0) as decimal(18, 2)) as year_net_revenue,
        cast(measured.later_value - coalesce(returned.later_refunds, 0) as decimal(18, 2)) as later_net_revenue,
        cast(measured.earlier_value - coalesce(returned.earlier_refunds, 0) as decimal(18, 2)) as earlier_net_revenue,
        cast(coalesce(complained.complaints_90d, 0) as bigint) as complaints_90d,
        cast(coalesce(complained.open_complaints, 0) as bigint) as open_complaints,
        satisfied.satisfaction_change,
        -- a customer may give back what was bought before the data begin
        case
            when measured.gross_revenue > measured.discounts
                then
                    least(
                        {{ ratio('coalesce(returned.all_refunds, 0)', 'measured.gross_revenue - measured.discounts') }},
                        1
                    )
        end as refund_share,
        {{ ratio('measured.discounts', 'measured.gross_revenue') }} as discount_share,
        measured.is_own_cadence,
        -- of D itself nobody knows yet
        case
            when {{ add_days('measured.observed_on', horizon) }} <= {{ as_of_date() }}
                then coalesce(measured.next_purchase_date > {{ add_days('measured.observed_on', horizon) }}, true)
        end as has_left
    from measured
    left join returned
        on
            measured.observed_on = returned.observed_on
            and measured.customer_id = returned.customer_id
    left join complained
        on
            measured.observed_on = complained.observed_on
            and measured.customer_id = complained.customer_id
    left join satisfied
        on
            measured.observed_on = satisfied.observed_on
            and measured.customer_id = satisfied.customer_id
    where
        measured.days_since <= measured.churn_limit_days
        -- between the last two scoring days only those matter who have left
        and (
            measured.purpose = 'scoring'
            or (
                measured.last_purchase_date <= {{ add_days(as_of_date(), -horizon) }}
                and measured.next_purchase_date is null
            )
        )

)

select * from final
