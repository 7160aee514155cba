-- Detects: dormant(m) that is not active(m - 1) - returning(m); the two sides are counted independently.
-- Usual cause: an edit of the next or the previous purchase month in feat_customer_months, or a month that is missing.
-- A row: a month for which the identity does not hold.
{{ config(tags=['candidate']) }}

with months as (

    select
        kpi_monthly.month,
        kpi_monthly.dormant,
        kpi_monthly.{{ adapter.quote('returning') }} as returning_customers,
        coalesce(lag(kpi_monthly.active) over (order by kpi_monthly.month), 0) as active_last_month
    from {{ ref('kpi_monthly') }} as kpi_monthly

),

final as (

    select * from months
    where dormant <> active_last_month - returning_customers

)

select * from final
