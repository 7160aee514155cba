-- Detects: a history that the scores name not at all, or twice, so that the mart would lose or double the value.
-- Usual cause: scores of other features than those of this candidate.
-- A row: a history with the number of its scores.
{{ config(tags=['candidate']) }}

with customers as (

    select distinct
        segment,
        x,
        t_x_days,
        t_days,
        has_spend
    from {{ ref('feat_customer_purchases') }}

),

scores as (

    select * from {{ source('scores', 'clv_scores') }}

),

final as (

    select
        customers.segment,
        customers.x,
        customers.t_x_days,
        customers.t_days,
        customers.has_spend,
        count(scores.x) as scores
    from customers
    left join scores
        on
            customers.segment = scores.segment
            and customers.x = scores.x
            and customers.t_x_days = scores.t_x_days
            and customers.t_days = scores.t_days
            and customers.has_spend = scores.has_spend
    group by customers.segment, customers.x, customers.t_x_days, customers.t_days, customers.has_spend
    having count(scores.x) <> 1

)

select * from final
