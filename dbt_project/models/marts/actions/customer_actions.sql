{%- set kept_days = 365 + var('action_horizon_days') %}

with due as (

    select * from {{ ref('feat_actions_due') }}

),

rules as (

    select * from {{ ref('action_rules') }}

),

contacts as (

    select * from {{ ref('feat_customer_consents') }}
    where not is_erased

),

stages as (

    select * from {{ ref('feat_customer_stages') }}

),

priorities as (

    select * from {{ ref('customer_priority') }}

),

recommendations as (

    select * from {{ ref('customer_recommendations') }}
    where recommendation_rank = 1

),

merged as (

    select * from {{ ref('int_records_merge') }}

),

-- what the release before has listed; who was merged since is found under the person's id of today
remembered as (

    select
        last_actions.*,
        contacts.customer_id as person_id,
        row_number() over (
            partition by contacts.customer_id, last_actions.action, last_actions.period
            order by last_actions.first_listed_date, last_actions.action_id
        ) as place
    from {{ source('scores', 'last_actions') }} as last_actions
    left join merged
        on last_actions.customer_id = merged.record_id
    inner join contacts
        on coalesce(merged.customer_id, last_actions.customer_id) = contacts.customer_id
    where
        last_actions.status = 'open'
        or last_actions.done_date > {{ add_days(as_of_date(), 0 - kept_days) }}

),

-- one arm a person: drawn once, kept whatever the salt or the id becomes; of both arms a person is treated, and judged
-- no more
arms as (

    select
        contacts.customer_id,
        case
            when count(case when remembered.arm = 'treatment' then 1 end) > 0 then 'treatment'
            when count(case when remembered.arm = 'holdout' then 1 end) > 0 then 'holdout'
            when contacts.is_drawn_to_hold_out then 'holdout'
            else 'treatment'
        end as arm,
        coalesce(
            min(remembered.left_evaluation_on),
            case when count(distinct remembered.arm) > 1 then {{ as_of_date() }} end
        ) as left_evaluation_on
    from contacts
    left join remembered
        on contacts.customer_id = remembered.person_id
    group by contacts.customer_id, contacts.is_drawn_to_hold_out

),

firsts as (

    select * from remembered
    where place = 1

),

together as (

    select
        coalesce(remembered.person_id, due.customer_id) as customer_id,
        coalesce(remembered.action, due.action) as action,
        coalesce(remembered.period, due.period) as period,
        remembered.action_id,
        coalesce(due.reason, remembered.reason) as reason,
        coalesce(due.figures, remembered.figures) as figures,
        remembered.done_reason as done_before,
        remembered.done_date as done_before_on,
        remembered.is_evaluated as was_evaluated,
        due.customer_id is not null as is_due,
        coalesce(remembered.due_date, due.due_date) as due_date,
        coalesce(remembered.first_listed_date, {{ as_of_date() }}) as first_listed_date
    from due
    full outer join firsts as remembered
        on
            due.customer_id = remembered.person_id
            and due.action = remembered.action
            and due.period = remembered.period

),

judged as (

    select
        together.*,
        rules.kind,
        rules.rule_order,
        rules.has_offer,
        case when rules.kind = 'marketing' then arms.arm end as arm,
        arms.left_evaluation_on,
        case
            when rules.kind = 'marketing' and contacts.marketing_channel is null then 'no_consent'
            when rules.kind = 'marketing' and contacts.is_held_back then 'in_control_arm'
            when rules.kind = 'marketing' and arms.arm = 'holdout' then 'held_out'
        end as withheld_reason,
        case
            when rules.kind = 'marketing' then contacts.marketing_channel
            else contacts.preferred_channel
        end as channel,
        case
            when together.done_before is not null then together.done_before
            when rules.ends_with_order and stages.last_purchase_date > together.first_listed_date then 'order'
            when rules.ends_with_contact and contacts.last_contact_date > together.first_listed_date then 'contact'
            when not together.is_due then 'condition_ended'
        end as done_reason
    from together
    inner join rules
        on together.action = rules.action
    inner join contacts
        on together.customer_id = contacts.customer_id
    inner join arms
        on together.customer_id = arms.customer_id
    inner join stages
        on together.customer_id = stages.customer_id

),

listed as (

    select
        *,
        done_reason is null and withheld_reason is null as is_listed
    from judged

),

busy as (

    select distinct customer_id
    from listed
    where done_reason is null

),

idle as (

    select stages.*
    from stages
    inner join contacts
        on stages.customer_id = contacts.customer_id
    left join busy
        on stages.customer_id = busy.customer_id
    where busy.customer_id is null

),

-- a column of a union is null in both of its parts or in none: engines hold them against each other
everything as (

    select
        customer_id,
        coalesce(action, '') as action,
        period,
        action_id,
        coalesce(kind, '') as kind,
        coalesce(rule_order, 0) as rule_order,
        reason,
        figures,
        channel,
        arm,
        withheld_reason,
        done_reason,
        coalesce(has_offer and done_reason is null, false) as is_offered,
        is_listed,
        -- judged is who could be written to when the action came up, whatever somebody is left out for later
        coalesce(was_evaluated, kind = 'marketing' and coalesce(withheld_reason, '') in ('', 'held_out'), false)
        and left_evaluation_on is null as is_evaluated,
        due_date,
        first_listed_date,
        case when done_reason is not null then coalesce(done_before_on, {{ as_of_date() }}) end as done_date,
        case when kind = 'marketing' then left_evaluation_on end as left_evaluation_on
    from listed
    union all
    select
        customer_id,
        'no_action' as action,
        nullif('none', '') as period,
        cast(null as varchar) as action_id,
        'none' as kind,
        99 as rule_order,
        nullif(
            case
                when relationship_stage = 'decline' and value_tier = 'low' then 'let_go_low_value'
                when relationship_stage = 'decline' then 'let_go_after_long_silence'
                else 'nothing_is_due'
            end, ''
        ) as reason,
        cast(null as varchar) as figures,
        cast(null as varchar) as channel,
        cast(null as varchar) as arm,
        cast(null as varchar) as withheld_reason,
        cast(null as varchar) as done_reason,
        false as is_offered,
        false as is_listed,
        false as is_evaluated,
        cast(null as date) as due_date,
        cast(null as date) as first_listed_date,
        cast(null as date) as done_date,
        cast(null as date) as left_evaluation_on
    from idle

),

final as (

    select
        cast(
            coalesce(
                everything.action_id,
                substr(
                    {{ sha256_hex(
                        "everything.customer_id || '|' || everything.action || '|' || everything.period"
                    ) }}, 1, 32
                )
            ) as varchar
        ) as action_id,
        cast(everything.customer_id as varchar) as customer_id,
        cast(everything.action as varchar) as action,
        cast(everything.kind as varchar) as kind,
        cast(rules.label_en as varchar) as label_en,
        cast(rules.label_zh as varchar) as label_zh,
        cast(everything.period as varchar) as period,
        cast(everything.reason as varchar) as reason,
        cast(everything.figures as varchar) as figures,
        cast(priorities.priority as varchar) as priority,
        cast(everything.channel as varchar) as channel,
        cast(case when everything.is_offered then recommendations.product_id end as varchar) as offer,
        cast(case when everything.is_offered then recommendations.kind end as varchar) as offer_kind,
        cast(everything.arm as varchar) as arm,
        cast(case when everything.done_reason is null then 'open' else 'done' end as varchar) as status,
        cast(everything.done_reason as varchar) as done_reason,
        cast(everything.withheld_reason as varchar) as withheld_reason,
        cast(
            case
                when everything.is_listed
                    then row_number() over (
                            partition by everything.customer_id, everything.is_listed
                            order by everything.rule_order, everything.due_date, everything.period
                        )
            end as integer
        ) as action_rank,
        cast(everything.is_listed as boolean) as is_listed,
        cast(everything.is_evaluated as boolean) as is_evaluated,
        cast(everything.due_date as date) as due_date,
        cast(everything.first_listed_date as date) as first_listed_date,
        cast(everything.done_date as date) as done_date,
        cast(everything.left_evaluation_on as date) as left_evaluation_on,
        {{ as_of_date() }} as as_of_date
    from everything
    inner join rules
        on everything.action = rules.action
    inner join priorities
        on everything.customer_id = priorities.customer_id
    left join recommendations
        on everything.customer_id = recommendations.customer_id

)

select * from final
