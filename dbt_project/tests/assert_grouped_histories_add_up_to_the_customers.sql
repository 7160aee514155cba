-- Detects: customers, purchases or money that the grouping of histories loses or counts twice.
-- Usual cause: a column that is missing in a group by, or a null key among the histories.
-- A row: a count that differs between the customers and the groups.
{{ config(tags=['features']) }}

with customers as (

    select
        count(*) as customers,
        coalesce(sum(x + 1), 0) as purchase_days,
        coalesce(sum(case when calibration_x is not null then 1 else 0 end), 0) as early_customers,
        coalesce(sum(case when calibration_x is not null then holdout_x else 0 end), 0) as holdout_purchases,
        coalesce(sum(case when calibration_x is not null then calibration_x + holdout_x else 0 end), 0)
            as early_repeat_purchases,
        coalesce(sum(case when has_spend then repeat_value else 0 end), 0) as repeat_value
    from {{ ref('feat_customer_purchases') }}

),

purchase_days as (

    select count(*) as purchase_days
    from {{ ref('core_purchase_days') }}
    where purchase_date <= {{ as_of_date() }}

),

tuples as (

    select
        coalesce(sum(case when period = 'full' then customers else 0 end), 0) as customers,
        coalesce(sum(case when period = 'full' then customers * (x + 1) else 0 end), 0) as purchase_days,
        coalesce(sum(case when period = 'calibration' then customers else 0 end), 0) as early_customers,
        coalesce(sum(customers * holdout_x), 0) as holdout_purchases
    from {{ ref('feat_purchase_rfm_summaries') }}

),

spend as (

    select coalesce(sum(repeat_value * customers), 0) as repeat_value
    from {{ ref('feat_purchase_spend') }}

),

channels as (

    select coalesce(sum(customers), 0) as customers
    from {{ ref('feat_purchase_channels') }}

),

channel_spend as (

    select coalesce(sum(repeat_value * customers), 0) as repeat_value
    from {{ ref('feat_purchase_channel_spend') }}

),

weeks as (

    select coalesce(sum(purchases), 0) as early_repeat_purchases
    from {{ ref('feat_purchase_weeks') }}

),

final as (

    select
        customers.*,
        tuples.customers as customers_of_tuples,
        tuples.purchase_days as purchase_days_of_tuples,
        tuples.holdout_purchases as holdout_purchases_of_tuples,
        weeks.early_repeat_purchases as repeat_purchases_of_weeks,
        spend.repeat_value as repeat_value_of_spend
    from customers
    cross join purchase_days
    cross join tuples
    cross join spend
    cross join channels
    cross join channel_spend
    cross join weeks
    where
        customers.purchase_days <> purchase_days.purchase_days
        or customers.customers <> tuples.customers
        or customers.purchase_days <> tuples.purchase_days
        or customers.early_customers <> tuples.early_customers
        or customers.holdout_purchases <> tuples.holdout_purchases
        or customers.early_repeat_purchases <> weeks.early_repeat_purchases
        or customers.repeat_value <> spend.repeat_value
        or customers.customers <> channels.customers
        or customers.repeat_value <> channel_spend.repeat_value

)

select * from final
