-- Detects: expected purchases that change on the way from the scored histories to the customers.
-- Usual cause: a join of customer_lifetime_value that repeats or drops customers.
-- A row: the two sums that differ.
{{ config(tags=['candidate']) }}

with tuples as (

    select * from {{ ref('feat_purchase_rfm_summaries') }}
    where period = 'full'

),

scores as (

    select * from {{ source('scores', 'clv_scores') }}

),

of_histories as (

    select
        coalesce(sum(tuples.customers), 0) as customers,
        coalesce(sum(tuples.customers * scores.expected_orders), 0) as expected_orders
    from tuples
    inner join scores
        on
            tuples.segment = scores.segment
            and tuples.x = scores.x
            and tuples.t_x_days = scores.t_x_days
            and tuples.t_days = scores.t_days
            and tuples.has_spend = scores.has_spend

),

of_customers as (

    select
        count(*) as customers,
        coalesce(sum(expected_orders_{{ var('clv_horizon_weeks') }}w), 0) as expected_orders
    from {{ ref('customer_lifetime_value') }}

),

final as (

    select
        of_histories.customers as customers_of_histories,
        of_customers.customers,
        of_histories.expected_orders as expected_of_histories,
        of_customers.expected_orders
    from of_histories
    cross join of_customers
    where
        of_histories.customers <> of_customers.customers
        or abs(of_histories.expected_orders - of_customers.expected_orders)
        > 1e-9 * greatest(1, abs(of_customers.expected_orders))

)

select * from final
