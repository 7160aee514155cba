-- Detects: a month whose net revenue is not that of kpi_monthly in a segmentation of customer_ledger, and a row whose
-- groups do not add up to its net revenue.
-- Usual cause: a customer's month that finds no period of the history, or finds two.
-- A row: a month and segmentation that do not balance.
{{ config(tags=['candidate']) }}

with ledger as (

    select * from {{ ref('customer_ledger') }}

),

segmentations as (

    select distinct segmentation
    from ledger

),

months as (

    select
        month,
        segmentation,
        sum(net_revenue) as net_revenue
    from ledger
    group by month, segmentation

),

kpi_months as (

    select * from {{ ref('kpi_monthly') }}

),

kpis as (

    select
        kpi_months.month,
        segmentations.segmentation,
        kpi_months.net_revenue
    from kpi_months
    cross join segmentations

),

final as (

    select
        kpis.month,
        kpis.segmentation,
        kpis.net_revenue as revenue_of_month,
        months.net_revenue
    from kpis
    full outer join months
        on
            kpis.month = months.month
            and kpis.segmentation = months.segmentation
    where kpis.net_revenue is distinct from months.net_revenue
    union all
    select
        month,
        segmentation,
        net_revenue_stayed + net_revenue_new + net_revenue_reactivated + net_revenue_moved_in + net_revenue_lapsed
            as revenue,
        net_revenue
    from ledger
    where
        segment not in ('outside_base', 'guests')
        and net_revenue <> (
            net_revenue_stayed + net_revenue_new + net_revenue_reactivated + net_revenue_moved_in + net_revenue_lapsed
        )

)

select * from final
