-- Detects: an active customer of lifecycle_flow who is counted in none, or in two, of new, returning and resurrected; a
-- dormant(m) that is not active(m - 1) - returning(m); a month that is missing, or that differs from kpi_monthly.
-- Usual cause: an edit of feat_monthly_activity.
-- A row: a month for which an identity does not hold.
{{ config(tags=['candidate']) }}

with flow as (

    select
        flow.month,
        flow.new,
        flow.{{ adapter.quote('returning') }} as returning_customers,
        flow.resurrected,
        flow.dormant,
        flow.active,
        coalesce(lag(flow.active) over (order by flow.month), 0) as active_last_month,
        lag(flow.month) over (order by flow.month) as month_before
    from {{ ref('lifecycle_flow') }} as flow

),

kpis as (

    select * from {{ ref('kpi_monthly') }}

),

final as (

    select flow.*
    from flow
    left join kpis
        on flow.month = kpis.month
    where
        flow.active <> flow.new + flow.returning_customers + flow.resurrected
        or flow.dormant <> flow.active_last_month - flow.returning_customers
        or flow.month_before <> {{ add_months('flow.month', -1) }}
        or flow.active is distinct from kpis.active

)

select * from final
