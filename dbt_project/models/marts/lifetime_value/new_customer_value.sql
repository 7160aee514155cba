{%- set expected_orders = 'expected_orders_' ~ var('clv_horizon_weeks') ~ 'w' %}

with scored as (

    select * from {{ source('scores', 'clv_new_customers') }}

),

margin_rates as (

    select * from {{ ref('feat_margin_rate') }}

),

customers as (

    select * from {{ ref('feat_customer_purchases') }}

),

spend as (

    select * from {{ ref('feat_marketing_spend') }}

),

-- cost and customers of the same days: those for which spend is known
spend_period as (

    select min(spend_date) as spend_from
    from spend

),

channel_spend as (

    select
        channel as acquisition_channel,
        sum(marketing_spend) as marketing_spend
    from spend
    group by channel
    union all
    select
        'all' as acquisition_channel,
        sum(marketing_spend) as marketing_spend
    from spend

),

won as (

    select customers.acquisition_channel
    from customers
    inner join spend_period
        on customers.first_purchase_date >= spend_period.spend_from

),

channel_customers as (

    select
        acquisition_channel,
        count(*) as new_customers
    from won
    group by acquisition_channel
    union all
    select
        'all' as acquisition_channel,
        count(*) as new_customers
    from won

),

valued as (

    select
        scored.*,
        margin_rates.margin_rate,
        {{ money(widen('margin_rates.margin_rate * scored.discounted_orders * scored.expected_order_value')) }}
            as predicted_clv,
        channel_spend.marketing_spend,
        case when channel_spend.marketing_spend is not null then coalesce(channel_customers.new_customers, 0) end
            as new_customers
    from scored
    cross join margin_rates
    left join channel_spend
        on scored.acquisition_channel = channel_spend.acquisition_channel
    left join channel_customers
        on scored.acquisition_channel = channel_customers.acquisition_channel

),

final as (

    select
        cast(acquisition_channel as varchar) as acquisition_channel,
        cast(nullif(model_name, 'none') as varchar) as model_name,
        cast(model_grade as varchar) as model_grade,
        cast(reason as varchar) as reason,
        cast(customers as bigint) as customers,
        cast(repeat_customers as bigint) as repeat_customers,
        cast(new_customers as bigint) as new_customers,
        cast(expected_orders as double precision) as {{ expected_orders }},
        cast(discounted_orders as double precision) as discounted_orders,
        {{ money(widen('expected_order_value')) }} as expected_order_value,
        cast(margin_rate as double precision) as margin_rate,
        cast(predicted_clv as decimal(18, 2)) as predicted_clv,
        cast(marketing_spend as decimal(18, 2)) as marketing_spend,
        cast({{ amount_per('marketing_spend', 'new_customers') }} as decimal(18, 2)) as cac,
        cast({{ ratio('predicted_clv * new_customers', 'marketing_spend') }} as double precision) as clv_to_cac,
        cast(is_pooled as boolean) as is_pooled,
        {{ as_of_date() }} as as_of_date
    from valued

)

select * from final
