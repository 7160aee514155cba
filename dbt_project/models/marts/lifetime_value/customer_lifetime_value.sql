{%- set expected_orders = 'expected_orders_' ~ var('clv_horizon_weeks') ~ 'w' %}

with customers as (

    select * from {{ ref('feat_customer_orders') }}
    where order_count > 0

),

purchases as (

    select
        *,
        case when has_spend then cast(repeat_value as double precision) else 0 end as repeat_spend
    from {{ ref('feat_customer_purchases') }}

),

scores as (

    select * from {{ source('scores', 'clv_scores') }}

),

margin_rates as (

    select * from {{ ref('feat_margin_rate') }}

),

-- customers with the same history share one row of the scores
scored as (

    select
        customers.customer_id,
        customers.net_revenue,
        customers.margin,
        customers.average_order_value,
        customers.order_count,
        purchases.segment,
        purchases.x,
        purchases.t_x_days,
        purchases.t_days,
        purchases.repeat_value,
        nullif(scores.model_name, 'none') as model_name,
        scores.model_grade,
        scores.probability_alive,
        scores.expected_orders,
        scores.discounted_orders,
        scores.value_base + scores.value_slope * purchases.repeat_spend as expected_order_value,
        margin_rates.margin_rate * (scores.low_base + scores.low_slope * purchases.repeat_spend) as low_value,
        margin_rates.margin_rate * (scores.high_base + scores.high_slope * purchases.repeat_spend) as high_value,
        margin_rates.margin_rate
    from customers
    inner join purchases
        on customers.customer_id = purchases.customer_id
    cross join margin_rates
    left join scores
        on
            purchases.segment = scores.segment
            and purchases.x = scores.x
            and purchases.t_x_days = scores.t_x_days
            and purchases.t_days = scores.t_days
            and purchases.has_spend = scores.has_spend

),

-- a loss turns the interval over
valued as (

    select
        *,
        {{ money(widen('margin_rate * discounted_orders * expected_order_value')) }} as predicted_clv,
        {{ money(widen('case when margin_rate >= 0 then low_value else high_value end')) }} as predicted_clv_low,
        {{ money(widen('case when margin_rate >= 0 then high_value else low_value end')) }} as predicted_clv_high
    from scored

),

-- equal values share a tier, so values are ranked instead of customers
clv_values as (

    select
        predicted_clv,
        sum(greatest(predicted_clv, 0)) as value_of_group
    from valued
    where predicted_clv is not null
    group by predicted_clv

),

cumulated as (

    select
        predicted_clv,
        sum(value_of_group) over (
            order by predicted_clv desc
            rows between unbounded preceding and current row
        ) - value_of_group as value_before,
        sum(value_of_group) over () as total_value
    from clv_values

),

tiers as (

    select
        predicted_clv,
        {{ value_tier('predicted_clv', 'value_before', 'total_value') }} as clv_tier
    from cumulated

),

final as (

    select
        cast(valued.customer_id as varchar) as customer_id,
        cast(coalesce(tiers.clv_tier, 'unknown') as varchar) as clv_tier,
        cast(valued.model_name as varchar) as model_name,
        cast(valued.model_grade as varchar) as model_grade,
        cast(valued.segment as varchar) as fit_segment,
        cast(valued.net_revenue as decimal(18, 2)) as historic_revenue,
        cast(valued.margin as decimal(18, 2)) as historic_margin,
        cast(valued.average_order_value as decimal(18, 2)) as average_order_value,
        cast(valued.order_count as bigint) as order_count,
        cast(valued.x as bigint) as x,
        cast(valued.t_x_days as double precision) / 7 as t_x,
        cast(valued.t_days as double precision) / 7 as t,
        cast({{ amount_per('valued.repeat_value', 'valued.x') }} as decimal(18, 2)) as mean_repeat_value,
        cast(valued.probability_alive as double precision) as probability_alive,
        cast(valued.expected_orders as double precision) as {{ expected_orders }},
        cast(valued.discounted_orders as double precision) as discounted_orders,
        {{ money(widen('valued.expected_order_value')) }} as expected_order_value,
        cast(valued.predicted_clv as decimal(18, 2)) as predicted_clv,
        cast(valued.predicted_clv_low as decimal(18, 2)) as predicted_clv_low,
        cast(valued.predicted_clv_high as decimal(18, 2)) as predicted_clv_high,
        {{ as_of_date() }} as as_of_date
    from valued
    left join tiers
        on valued.predicted_clv = tiers.predicted_clv

)

select * from final
