{%- set ahead = add_days(as_of_date(), var('action_days_ahead')) %}

with contacts as (

    select * from {{ ref('feat_customer_consents') }}
    where not is_erased

),

known as (

    select * from {{ ref('feat_customers_known') }}

),

stages as (

    select * from {{ ref('feat_customer_stages') }}

),

priorities as (

    select * from {{ ref('customer_priority') }}

),

tickets as (

    select * from {{ ref('feat_tickets') }}
    where
        is_open
        and kind = 'complaint'
        and customer_id is not null

),

opportunities as (

    select * from {{ ref('feat_opportunities') }}
    where
        is_open
        and customer_id is not null

),

purchase_days as (

    select * from {{ ref('feat_purchase_days') }}

),

lots as (

    select * from {{ ref('feat_loyalty_lots') }}
    where
        open_points > 0
        and expires_date > {{ as_of_date() }}
        and expires_date <= {{ ahead }}

),

members as (

    select * from {{ ref('customer_loyalty') }}

),

satisfaction as (

    select * from {{ ref('customer_satisfaction') }}

),

recommendations as (

    select * from {{ ref('customer_recommendations') }}
    where recommendation_rank = 1

),

countries as (

    select
        country_name,
        min(country_code) as country_code
    from {{ ref('int_countries_list_names') }}
    group by country_name

),

care_days as (

    select * from {{ ref('care_days') }}
    where
        care_date > {{ as_of_date() }}
        and care_date <= {{ ahead }}

),

complaints as (

    select
        customer_id,
        count(*) as complaints,
        min(created_date) as since
    from tickets
    group by customer_id

),

deals as (

    select
        customer_id,
        count(*) as deals,
        min(created_date) as since
    from opportunities
    group by customer_id

),

expiring as (

    select
        customer_id,
        sum(open_points) as points,
        min(expires_date) as first_expiry
    from lots
    group by customer_id

),

-- between these days the middle half of all second purchases happen
second_gaps as (

    select
        count(*) as gaps,
        {{ percentile('gap_days', 0.25) }} as from_days,
        {{ percentile('gap_days', 0.75) }} as to_days
    from purchase_days
    where purchase_number = 2

),

second_window as (

    select
        case
            when gaps >= {{ var('second_purchase_min_gaps') }} then cast(floor(from_days) as integer)
            else {{ (var('default_cadence_days') * 0.5) | int }}
        end as from_days,
        case
            when gaps >= {{ var('second_purchase_min_gaps') }} then cast(ceil(to_days) as integer)
            else {{ (var('default_cadence_days') * 1.5) | int }}
        end as to_days
    from second_gaps

),

-- where more than one birthday in a hundred is a first of January, it says that nobody knows
birthdays as (

    select
        sum(case when {{ is_first_of_january('birth_date') }} then 1 else 0 end) * 100
        > count(birth_date) as is_placeholder
    from contacts
    where {{ is_birth_date('birth_date') }}

),

measured as (

    select
        contacts.customer_id,
        stages.lifecycle_stage,
        stages.lifecycle_reason,
        stages.relationship_stage,
        stages.relationship_reason,
        stages.value_tier,
        coalesce(stages.purchase_day_count, 0) as purchase_day_count,
        stages.first_purchase_date,
        stages.last_purchase_date,
        stages.own_cadence_days,
        stages.at_risk_limit_days,
        stages.days_since_last_order,
        stages.returned_on,
        stages.later_net_revenue,
        stages.earlier_net_revenue,
        priorities.priority,
        priorities.service_tier,
        priorities.churn_probability,
        priorities.revenue_at_risk,
        known.first_seen_date,
        contacts.last_contact_date,
        lower(contacts.country) as country,
        case
            when {{ is_birth_date('contacts.birth_date') }}
                and not ({{ is_first_of_january('contacts.birth_date') }} and birthdays.is_placeholder)
                then contacts.birth_date
        end as birth_date,
        greatest(contacts.last_contact_date, stages.last_purchase_date) as spoken_date,
        second_window.from_days,
        second_window.to_days,
        recommendations.customer_id is not null as has_offer
    from contacts
    inner join known
        on contacts.customer_id = known.customer_id
    inner join stages
        on contacts.customer_id = stages.customer_id
    inner join priorities
        on contacts.customer_id = priorities.customer_id
    left join recommendations
        on contacts.customer_id = recommendations.customer_id
    cross join second_window
    cross join birthdays

),

-- who still buys is cared for
cared as (

    select
        *,
        {{ next_anniversary('birth_date') }} as next_birthday,
        {{ next_anniversary('first_purchase_date') }} as next_anniversary
    from measured
    where relationship_stage in ('exploration', 'growth', 'stable')

),

-- a column of a union is null in all of its parts or in none: engines hold them against each other
due as (

    select
        customer_id,
        'complaint_follow_up' as action,
        since as period_date,
        'complaint_is_open' as reason,
        {{ figures({'open_complaints': 'complaints', 'open_days': days_between('since', as_of_date())}) }} as figures,
        {{ add_days('since', var('complaint_days')) }} as due_date
    from complaints
    union all
    select
        customer_id,
        'opportunity_follow_up' as action,
        since as period_date,
        'opportunity_is_open' as reason,
        {{ figures({'open_opportunities': 'deals', 'open_days': days_between('since', as_of_date())}) }} as figures,
        {{ add_days('since', var('opportunity_days')) }} as due_date
    from deals
    union all
    select
        customer_id,
        'points_expiring' as action,
        first_expiry as period_date,
        'points_expire' as reason,
        {{ figures({'points': 'points'}, {'points': 'decimal(18, 2)'}) }} as figures,
        first_expiry as due_date
    from expiring
    union all
    select
        customer_id,
        'retention' as action,
        last_purchase_date as period_date,
        'high_risk' as reason,
        {{ figures(
            {'churn_probability_percent': 'round(cast(100 * churn_probability as decimal(9, 4)), 0)',
             'revenue_at_risk': 'revenue_at_risk'},
            {'revenue_at_risk': 'decimal(18, 2)'}
        ) }} as figures,
        case when last_purchase_date is not null then {{ as_of_date() }} end as due_date
    from measured
    where
        churn_probability >= {{ var('risk_high') }}
        and value_tier in ('high', 'medium')
        and relationship_stage <> 'decline'
    union all
    select
        customer_id,
        'win_back' as action,
        last_purchase_date as period_date,
        coalesce(
            case when relationship_reason = 'overdue_or_silent' then lifecycle_reason else relationship_reason end, ''
        ) as reason,
        {{ figures(
            {'days_since_last_order': 'days_since_last_order', 'own_cadence_days': 'floor(own_cadence_days + 0.5)',
             'earlier_net_revenue': 'earlier_net_revenue', 'later_net_revenue': 'later_net_revenue'},
            {'earlier_net_revenue': 'decimal(18, 2)', 'later_net_revenue': 'decimal(18, 2)'}
        ) }} as figures,
        {{ add_days('last_purchase_date', 'ceil(at_risk_limit_days)') }} as due_date
    from measured
    where
        relationship_stage = 'decline'
        and value_tier in ('high', 'medium')
        and days_since_last_order <= {{ var('churn_ceiling_days') }}
    union all
    select
        customer_id,
        'ask_why' as action,
        returned_on as period_date,
        'returned_after_churn' as reason,
        {{ figures({'days_since_return': days_between('returned_on', as_of_date())}) }} as figures,
        {{ add_days('returned_on', 7) }} as due_date
    from measured
    where
        lifecycle_stage = 'reactivated'
        and returned_on is not null
    union all
    select
        customer_id,
        'second_purchase' as action,
        first_purchase_date as period_date,
        'in_the_days_of_second_purchases' as reason,
        {{ figures({'days_since_first_order': days_between('first_purchase_date', as_of_date()),
            'from_days': 'from_days', 'to_days': 'to_days'}) }} as figures,
        {{ add_days('first_purchase_date', 'from_days') }} as due_date
    from measured
    where
        purchase_day_count = 1
        and {{ days_between('first_purchase_date', as_of_date()) }} <= to_days
    union all
    select
        customer_id,
        'welcome' as action,
        coalesce(first_purchase_date, first_seen_date) as period_date,
        case when first_purchase_date is null then 'has_registered' else 'has_bought_first' end as reason,
        {{ figures(
            {'days_ago': days_between('coalesce(first_purchase_date, first_seen_date)', as_of_date())}
        ) }} as figures,
        {{ add_days('coalesce(first_purchase_date, first_seen_date)', 3) }} as due_date
    from measured
    where
        {{ days_between('coalesce(first_purchase_date, first_seen_date)', as_of_date()) }} <= {{ var('welcome_days') }}
        and purchase_day_count <= 1
    union all
    select
        customer_id,
        'cross_sell' as action,
        last_purchase_date as period_date,
        'next_purchase_is_expected' as reason,
        {{ figures(
            {'days_since_last_order': 'days_since_last_order', 'own_cadence_days': 'floor(own_cadence_days + 0.5)'}
        ) }} as figures,
        {{ add_days('last_purchase_date', 'floor(own_cadence_days + 0.5)') }} as due_date
    from measured
    where
        relationship_stage = 'growth'
        and has_offer
    union all
    select
        members.customer_id,
        'loyalty_tier' as action,
        members.tier_since as period_date,
        'next_tier_is_near' as reason,
        {{ figures(
            {'points_to_next_tier': 'members.points_to_next_tier', 'qualifying_points': 'members.qualifying_points'},
            {'points_to_next_tier': 'decimal(18, 2)', 'qualifying_points': 'decimal(18, 2)'}
        ) }} as figures,
        case when members.tier_since is not null then {{ ahead }} end as due_date
    from members
    inner join measured
        on members.customer_id = measured.customer_id
    where
        members.points_to_next_tier > 0
        and members.points_to_next_tier * 5 <= members.points_to_next_tier + members.qualifying_points
        and measured.relationship_stage in ('exploration', 'growth', 'stable')
    union all
    select
        measured.customer_id,
        'referral' as action,
        satisfaction.last_answer_date as period_date,
        'is_a_promoter' as reason,
        {{ figures({'nps_score': 'satisfaction.nps_score'}) }} as figures,
        {{ add_days('satisfaction.last_answer_date', 7) }} as due_date
    from measured
    inner join satisfaction
        on measured.customer_id = satisfaction.customer_id
    where
        measured.relationship_stage = 'stable'
        and satisfaction.nps_score >= 9
        and satisfaction.last_answer_date > {{ add_days(as_of_date(), -90) }}
    union all
    select
        customer_id,
        'birthday' as action,
        next_birthday as period_date,
        'birthday_is_near' as reason,
        cast(null as varchar) as figures,
        next_birthday as due_date
    from cared
    union all
    select
        customer_id,
        'anniversary' as action,
        next_anniversary as period_date,
        'anniversary_is_near' as reason,
        {{ figures({'years': 'extract(year from next_anniversary) - extract(year from first_purchase_date)'}) }}
            as figures,
        next_anniversary as due_date
    from cared
    union all
    select
        cared.customer_id,
        'holiday' as action,
        care_days.care_date as period_date,
        coalesce(min(care_days.care_day), '') as reason,
        cast(null as varchar) as figures,
        care_days.care_date as due_date
    from cared
    inner join countries
        on coalesce(cared.country, '{{ home_country() }}') = countries.country_name
    inner join care_days
        on countries.country_code = care_days.country
    group by cared.customer_id, care_days.care_date
    union all
    select
        customer_id,
        'follow_up' as action,
        spoken_date as period_date,
        'silent_for_long' as reason,
        {{ figures({'days': days_between('spoken_date', as_of_date())}) }} as figures,
        {{ add_days('spoken_date', follow_up_days()) }} as due_date
    from measured
    where
        service_tier <> 'none'
        and purchase_day_count > 0

),

final as (

    select
        due.customer_id,
        due.action,
        cast(due.period_date as varchar) as period,
        due.reason,
        due.figures,
        greatest(due.due_date, {{ as_of_date() }}) as due_date
    from due
    inner join contacts
        on due.customer_id = contacts.customer_id
    where
        due.due_date <= {{ ahead }}
        and due.period_date is not null

)

select * from final
