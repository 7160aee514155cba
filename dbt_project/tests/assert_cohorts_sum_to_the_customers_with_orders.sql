-- Detects: a buyer in no cohort or in two, or net revenue that the cells of the cohorts gain or lose.
-- Usual cause: a refund without an age, or a cohort month that depends on something after D.
-- A row: the sums that differ.
{{ config(tags=['candidate']) }}

with cohorts as (

    select
        coalesce(sum(case when age = 0 then cohort_size else 0 end), 0) as customers,
        coalesce(sum(case when age = 0 then active_customers else 0 end), 0) as first_buyers,
        coalesce(sum(net_revenue), 0) as net_revenue
    from {{ ref('cohort_retention') }}

),

customers as (

    select
        count(*) as customers,
        coalesce(sum(historic_revenue), 0) as net_revenue
    from {{ ref('customer_lifetime_value') }}

),

final as (

    select
        cohorts.customers as customers_in_cohorts,
        cohorts.first_buyers,
        customers.customers,
        cohorts.net_revenue as net_revenue_in_cohorts,
        customers.net_revenue
    from cohorts
    cross join customers
    where
        cohorts.customers <> customers.customers
        or cohorts.first_buyers <> customers.customers
        or cohorts.net_revenue <> customers.net_revenue

)

select * from final
