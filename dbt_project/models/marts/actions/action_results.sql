{%- set horizon = var('action_horizon_days') %}
{%- set held_out_share = var('holdout_share') %}

with actions as (

    select * from {{ ref('customer_actions') }}
    where kind = 'marketing'

),

orders as (

    select * from {{ ref('feat_orders') }}
    where customer_id is not null

),

refunds as (

    select * from {{ ref('feat_refunds') }}
    where customer_id is not null

),

tickets as (

    select * from {{ ref('feat_tickets') }}
    where customer_id is not null

),

contacts as (

    select * from {{ ref('feat_campaign_arms') }}
    where
        arm = 'treatment'
        and customer_id is not null

),

rules as (

    select action from {{ ref('action_rules') }}
    where kind = 'marketing'

),

-- a person counts once an action, from the first due date on, whatever came of it: intention to treat
begun as (

    select
        action,
        customer_id,
        arm,
        min(due_date) as due_date
    from actions
    where is_evaluated
    group by action, customer_id, arm
    union all
    select
        coalesce('all', '') as action,
        customer_id,
        arm,
        min(due_date) as due_date
    from actions
    where is_evaluated
    group by customer_id, arm

),

persons as (

    select
        *,
        {{ add_days('due_date', horizon) }} as ends_on
    from begun
    where {{ add_days('due_date', horizon) }} <= {{ as_of_date() }}

),

-- what a person brought and cost, day by day
events as (

    select
        customer_id,
        order_date as event_date,
        1 as orders,
        gross_revenue - discounts - cost as margin
    from orders
    union all
    select
        customer_id,
        refund_date as event_date,
        0 as orders,
        cost_credit - amount as margin
    from refunds
    union all
    select
        customer_id,
        created_date as event_date,
        0 as orders,
        0 - {{ money('1', var('cost_per_ticket')) }} as margin
    from tickets
    union all
    select
        customer_id,
        start_date as event_date,
        0 as orders,
        0 - cost_amount as margin
    from contacts

),

bought as (

    select
        persons.action,
        persons.customer_id,
        sum(events.orders) as orders,
        sum(events.margin) as margin
    from persons
    inner join events
        on
            persons.customer_id = events.customer_id
            and persons.due_date <= events.event_date
            and persons.ends_on > events.event_date
    group by persons.action, persons.customer_id

),

-- held out, and reached by a campaign of the company's own all the same
contaminated as (

    select distinct
        persons.action,
        persons.customer_id
    from persons
    inner join contacts
        on
            persons.customer_id = contacts.customer_id
            and persons.due_date <= contacts.start_date
            and persons.ends_on > contacts.start_date
    where persons.arm = 'holdout'

),

left_out as (

    select
        action,
        count(distinct customer_id) as persons_left
    from actions
    where left_evaluation_on is not null
    group by action
    union all
    select
        coalesce('all', '') as action,
        count(distinct customer_id) as persons_left
    from actions
    where left_evaluation_on is not null

),

judged as (

    select
        persons.action,
        persons.arm,
        case when bought.orders > 0 then 1 else 0 end as has_bought,
        coalesce(bought.orders, 0) as orders,
        coalesce(bought.margin, 0) as margin,
        case when contaminated.customer_id is not null then 1 else 0 end as is_contaminated
    from persons
    left join bought
        on
            persons.action = bought.action
            and persons.customer_id = bought.customer_id
    left join contaminated
        on
            persons.action = contaminated.action
            and persons.customer_id = contaminated.customer_id

),

-- every action and both arms, so that nobody takes what is missing for nothing; sums of squares in double precision
arms as (

    select
        kinds.action,
        {%- for arm, short in [('treatment', 't'), ('holdout', 'c')] %}
        count(case when judged.arm = '{{ arm }}' then 1 end) as n_{{ short }},
        sum(case when judged.arm = '{{ arm }}' then judged.has_bought else 0 end) as x_{{ short }},
        sum(case when judged.arm = '{{ arm }}' then judged.orders else 0 end) as orders_{{ short }},
        sum(case when judged.arm = '{{ arm }}' then judged.margin else 0 end) as margin_{{ short }},
        sum(case when judged.arm = '{{ arm }}' then cast(judged.margin as double precision) * judged.margin else 0 end)
            as squares_{{ short }},
        {%- endfor %}
        sum(coalesce(judged.is_contaminated, 0)) as contaminated_persons
    from (
        select action from rules
        union all
        select cast('all' as varchar) as action
    ) as kinds
    left join judged
        on kinds.action = judged.action
    group by kinds.action

),

measured as (

    select
        *,
        n_t > 0 and n_c > 0 as is_compared,
        {{ ratio('x_t', 'n_t') }} as rate_t,
        {{ ratio('x_c', 'n_c') }} as rate_c,
        {{ ratio('x_t + x_c', 'n_t + n_c') }} as rate,
        {{ wilson('x_t', 'n_t', -1) }} as low_t,
        {{ wilson('x_t', 'n_t', 1) }} as high_t,
        {{ wilson('x_c', 'n_c', -1) }} as low_c,
        {{ wilson('x_c', 'n_c', 1) }} as high_c,
        {{ ratio('margin_t', 'n_t') }} as mean_t,
        {{ ratio('margin_c', 'n_c') }} as mean_c,
        {{ variance_of_mean('margin_t', 'squares_t', 'n_t') }} as variance_t,
        {{ variance_of_mean('margin_c', 'squares_c', 'n_c') }} as variance_c,
        (n_c - (n_t + n_c) * {{ held_out_share }})
        / nullif(sqrt((n_t + n_c) * {{ held_out_share * (1 - held_out_share) }}), 0) as split_z
    from arms

),

compared as (

    select
        *,
        case when is_compared then rate_t - rate_c end as effect,
        sqrt((rate_t - low_t) * (rate_t - low_t) + (high_c - rate_c) * (high_c - rate_c)) as reach_below,
        sqrt((high_t - rate_t) * (high_t - rate_t) + (rate_c - low_c) * (rate_c - low_c)) as reach_above,
        case when is_compared then mean_t - mean_c end as margin_effect,
        case when n_t > 1 and n_c > 1 then sqrt(variance_t + variance_c) end as margin_error,
        {{ welch_degrees('variance_t', 'n_t', 'variance_c', 'n_c') }} as degrees,
        -- what 80 of 100 such comparisons would have seen, at 95 %
        case
            when is_compared
                then ({{ z_95() }} + 0.8416212335729143) * sqrt(
                        rate * (1 - rate) * (cast(n_t as double precision) + n_c)
                        / nullif(cast(n_t as double precision) * n_c, 0)
                    )
        end as detectable_effect
    from measured

),

reached as (

    select
        *,
        coalesce({{ t_95('degrees') }}, 0) * margin_error as margin_reach
    from compared

),

final as (

    {%- for arm, short in [('treatment', 't'), ('holdout', 'c')] %}
    select
        cast(compared.action as varchar) as action,
        cast('{{ arm }}' as varchar) as arm,
        cast(compared.n_{{ short }} as bigint) as persons,
        cast(compared.x_{{ short }} as bigint) as buyers,
        cast(compared.orders_{{ short }} as bigint) as orders,
        cast(compared.margin_{{ short }} as decimal(18, 2)) as margin,
        cast(compared.rate_{{ short }} as double precision) as buyer_rate,
        {{ cents('compared.mean_' ~ short) }} as margin_per_person,
        cast(compared.effect as double precision) as effect,
        cast(compared.effect - compared.reach_below as double precision) as effect_low,
        cast(compared.effect + compared.reach_above as double precision) as effect_high,
        {{ cents('compared.margin_effect') }} as margin_effect,
        {{ cents('compared.margin_effect - compared.margin_reach') }} as margin_effect_low,
        {{ cents('compared.margin_effect + compared.margin_reach') }} as margin_effect_high,
        cast(compared.detectable_effect as double precision) as detectable_effect,
        cast({{ two_sided_p('compared.split_z') }} as double precision) as sample_ratio_p_value,
        cast({{ 'compared.contaminated_persons' if short == 'c' else '0' }} as bigint) as contaminated_persons,
        cast(coalesce(left_out.persons_left, 0) as bigint) as persons_left,
        coalesce({{ two_sided_p('compared.split_z') }} < 0.001, false) as has_wrong_ratio,
        {{ as_of_date() }} as as_of_date
    from reached as compared
    left join left_out
        on compared.action = left_out.action
    {{ 'union all' if not loop.last }}
    {%- endfor %}

)

select * from final
