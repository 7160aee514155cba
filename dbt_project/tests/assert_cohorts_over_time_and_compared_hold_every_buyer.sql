-- Detects: a buyer in no cohort or in two, or net revenue that months or years of the cohorts gain or lose.
-- Usual cause: a refund before the first purchase, or a cohort that depends on something after D.
-- A row: the lens whose sums differ from those of the buyers.
{{ config(tags=['candidate']) }}

with buyers as (

    select
        count(*) as customers,
        coalesce(sum(net_revenue), 0) as net_revenue
    from {{ ref('dim_customers') }}
    where order_count > 0

),

over_time as (

    select
        granularity,
        sum(net_revenue) as net_revenue
    from {{ ref('cohort_over_time') }}
    group by granularity

),

sizes as (

    select distinct
        granularity,
        cohort_year,
        cohort_size
    from {{ ref('cohort_over_time') }}

),

size_sums as (

    select
        granularity,
        sum(cohort_size) as customers
    from sizes
    group by granularity

),

compared as (

    select
        within_days,
        sum(cohort_size) as customers
    from {{ ref('cohorts_compared') }}
    group by within_days

),

final as (

    select
        'cohort_over_time' as lens,
        over_time.granularity as part,
        size_sums.customers,
        over_time.net_revenue
    from over_time
    inner join size_sums
        on over_time.granularity = size_sums.granularity
    cross join buyers
    where
        over_time.net_revenue <> buyers.net_revenue
        or size_sums.customers <> buyers.customers
    union all
    select
        'cohorts_compared' as lens,
        cast(compared.within_days as varchar) as part,
        compared.customers,
        null as net_revenue
    from compared
    cross join buyers
    where compared.customers <> buyers.customers

)

select * from final
