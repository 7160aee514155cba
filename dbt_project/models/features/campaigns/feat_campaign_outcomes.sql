with contacts as (

    select * from {{ ref('feat_campaign_arms') }}
    where is_counted

),

orders as (

    select * from {{ ref('feat_orders') }}
    where customer_id is not null

),

periods as (

    select * from {{ ref('feat_customer_stage_periods') }}

),

-- a customer counts once in an arm, from the first contact on
firsts as (

    select
        *,
        row_number() over (
            partition by campaign_id, customer_id, arm
            order by started_at, contact_id
        ) as place,
        sum(cost_amount) over (partition by campaign_id, customer_id, arm) as contact_cost,
        max(case when coalesce(sent_at, opened_at, clicked_at, responded_at) is not null then 1 else 0 end)
            over (partition by campaign_id, customer_id, arm) as was_reached,
        max(case when bounced_at is not null then 1 else 0 end)
            over (partition by campaign_id, customer_id, arm) as has_bounced,
        max(case when opened_at is not null then 1 else 0 end)
            over (partition by campaign_id, customer_id, arm) as has_opened,
        max(case when clicked_at is not null then 1 else 0 end)
            over (partition by campaign_id, customer_id, arm) as has_clicked,
        max(case when responded_at is not null then 1 else 0 end)
            over (partition by campaign_id, customer_id, arm) as has_redeemed,
        max(case when unsubscribed_at is not null then 1 else 0 end)
            over (partition by campaign_id, customer_id, arm) as has_unsubscribed
    from contacts

),

persons as (

    select
        *,
        count(*) over (partition by campaign_id, customer_id) as arm_count,
        started_at + interval '{{ var('response_days') | int }}' day as ends_at
    from firsts
    where place = 1

),

answers as (

    select
        persons.campaign_id,
        persons.customer_id,
        persons.arm,
        count(*) as order_count,
        sum(orders.gross_revenue - orders.discounts) as revenue,
        sum(orders.gross_revenue - orders.discounts - orders.cost) as gross_margin
    from persons
    inner join orders
        on
            persons.customer_id = orders.customer_id
            and persons.started_at < orders.ordered_at
            and persons.ends_at >= orders.ordered_at
    group by persons.campaign_id, persons.customer_id, persons.arm

),

-- another campaign spoke to the person shortly before or after
crossed as (

    select distinct
        persons.campaign_id,
        persons.customer_id,
        persons.arm
    from persons
    inner join contacts as others
        on
            persons.customer_id = others.customer_id
            and persons.campaign_id <> others.campaign_id
            and others.arm = 'treatment'
            and abs({{ days_between('persons.start_date', 'others.start_date') }}) <= {{ var('response_days') }}

),

final as (

    select
        persons.campaign_id,
        persons.customer_id,
        persons.arm,
        coalesce(periods.lifecycle_stage, 'unknown') as lifecycle,
        coalesce(periods.relationship_stage, 'unknown') as relationship,
        coalesce(periods.rfm_segment, 'unknown') as rfm,
        coalesce(periods.value_tier, 'unknown') as value_tier,
        cast(persons.contact_cost as decimal(18, 2)) as contact_cost,
        cast(coalesce(answers.revenue, 0) as decimal(18, 2)) as revenue,
        cast(coalesce(answers.gross_margin, 0) as decimal(18, 2)) as gross_margin,
        answers.customer_id is not null as has_responded,
        {{ business_date('persons.ends_at') }} <= {{ as_of_date() }} as is_complete,
        persons.arm_count > 1 as is_in_both_arms,
        crossed.customer_id is not null as is_overlapping,
        persons.was_reached = 1 as was_reached,
        persons.has_bounced = 1 as has_bounced,
        persons.has_opened = 1 as has_opened,
        persons.has_clicked = 1 as has_clicked,
        persons.has_redeemed = 1 as has_redeemed,
        persons.has_unsubscribed = 1 as has_unsubscribed,
        persons.start_date
    from persons
    left join answers
        on
            persons.campaign_id = answers.campaign_id
            and persons.customer_id = answers.customer_id
            and persons.arm = answers.arm
    left join crossed
        on
            persons.campaign_id = crossed.campaign_id
            and persons.customer_id = crossed.customer_id
            and persons.arm = crossed.arm
    -- as of the last month end before the start: what came later may be what the campaign did
    left join periods
        on
            persons.customer_id = periods.customer_id
            and periods.valid_from <= {{ add_days(month_start('persons.start_date'), -1) }}
            and coalesce(periods.valid_to > {{ add_days(month_start('persons.start_date'), -1) }}, true)

)

select * from final
