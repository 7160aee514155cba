-- Detects: a stage that more or fewer customers leave in a month of lifecycle_transitions than reached it in the
-- month before, and stages at D with other heads than customer_lifecycle.
-- Usual cause: an edit of the balances in lifecycle_transitions.
-- A row: a month and stage with both counts.
{{ config(tags=['candidate']) }}

with transitions as (

    select * from {{ ref('lifecycle_transitions') }}

),

reached as (

    select
        {{ add_months('month', 1) }} as month,
        to_stage as stage,
        sum(customers) as customers
    from transitions
    group by month, to_stage

),

departed as (

    select
        month,
        from_stage as stage,
        sum(customers) as customers
    from transitions
    where from_stage <> 'entered'
    group by month, from_stage
    union all
    -- whoever is in a stage at D leaves it in the month after, so to speak
    select
        {{ add_months(as_of_date(), 1) }} as month,
        lifecycle_stage as stage,
        count(*) as customers
    from {{ ref('customer_lifecycle') }}
    group by lifecycle_stage

),

final as (

    select
        coalesce(reached.month, departed.month) as month,
        coalesce(reached.stage, departed.stage) as stage,
        reached.customers as customers_reached,
        departed.customers as customers_departed
    from reached
    full outer join departed
        on
            reached.month = departed.month
            and reached.stage = departed.stage
    where reached.customers is distinct from departed.customers

)

select * from final
