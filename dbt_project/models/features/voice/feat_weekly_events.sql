with tickets as (

    select * from {{ ref('feat_tickets') }}

),

needs as (

    select * from {{ ref('feat_ticket_needs') }}

),

refunds as (

    select * from {{ ref('feat_refunds') }}

),

answers as (

    select * from {{ ref('feat_survey_answers') }}
    where is_counted

),

orders as (

    select * from {{ ref('feat_orders') }}

),

-- a week in which nobody buys is a week too
days as (

    {{ day_series('(select min(order_date) from orders)', as_of_date()) }}

),

events as (

    select
        'complaints_by_need' as series_kind,
        needs.need as topic,
        tickets.created_date as day,
        1 as events,
        0 as exposure
    from tickets
    inner join needs
        on tickets.ticket_id = needs.ticket_id
    where tickets.kind = 'complaint'
    union all
    select
        'complaints_by_product' as series_kind,
        product_id as topic,
        created_date as day,
        1 as events,
        0 as exposure
    from tickets
    where
        kind = 'complaint'
        and product_id is not null
    union all
    select
        'refunds' as series_kind,
        'all' as topic,
        refund_date as day,
        1 as events,
        0 as exposure
    from refunds
    union all
    select
        'negative_answers' as series_kind,
        survey_type as topic,
        answer_date as day,
        case when answer_group in ('detractor', 'dissatisfied', 'hard') then 1 else 0 end as events,
        1 as exposure
    from answers
    union all
    select
        'revenue' as series_kind,
        'all' as topic,
        order_date as day,
        gross_revenue - discounts as events,
        0 as exposure
    from orders
    union all
    select
        'revenue' as series_kind,
        'all' as topic,
        day,
        0 as events,
        0 as exposure
    from days

),

-- a series has a past from the first full week of its facts on
beginnings as (

    select
        'complaints_by_need' as series_kind,
        min(created_date) as first_day
    from tickets
    union all
    select
        'complaints_by_product' as series_kind,
        min(created_date) as first_day
    from tickets
    union all
    select
        'refunds' as series_kind,
        min(order_date) as first_day
    from orders
    union all
    select
        'negative_answers' as series_kind,
        min(answer_date) as first_day
    from answers
    union all
    select
        'revenue' as series_kind,
        min(order_date) as first_day
    from orders

),

weekly as (

    select
        series_kind,
        topic,
        {{ week_start('day') }} as week,
        sum(events) as events,
        sum(exposure) as exposure
    from events
    group by series_kind, topic, {{ week_start('day') }}

),

final as (

    select
        weekly.series_kind,
        weekly.topic,
        cast(weekly.events as decimal(18, 2)) as events,
        cast(case when weekly.series_kind = 'negative_answers' then weekly.exposure else 1 end as bigint) as exposure,
        {{ add_days(week_start('beginnings.first_day'), 7) }} as first_full_week,
        weekly.week
    from weekly
    inner join beginnings
        on weekly.series_kind = beginnings.series_kind
    where {{ add_days('weekly.week', 6) }} <= {{ as_of_date() }}

)

select * from final
