{{ config(materialized='table') }}

with delivered as (

    select
        *,
        {{ business_date('responded_at') }} as answer_date
    from {{ ref('int_survey_responses_assign') }}

),

tickets as (

    select
        *,
        {{ business_date('csat_at') }} as answer_date
    from {{ ref('feat_tickets') }}
    where csat_score is not null

),

excluded_customers as (

    select * from {{ ref('int_customers_exclude') }}

),

surveyed as (

    select
        delivered.response_id,
        delivered.customer_id,
        delivered.ticket_id,
        delivered.invitation_id,
        delivered.survey_type,
        delivered.wave,
        delivered.score,
        delivered.answer_date,
        delivered.responded_at as answered_at
    from delivered
    left join excluded_customers
        on delivered.customer_id = excluded_customers.customer_id
    where
        delivered.answer_date <= {{ as_of_date() }}
        and excluded_customers.customer_id is null

),

-- a score of the ticket itself counts until an answer to a survey names the ticket
asked_about as (

    select
        ticket_id,
        min(answer_date) as replaced_on
    from surveyed
    where
        survey_type = 'csat'
        and ticket_id is not null
    group by ticket_id

),

answers as (

    select
        response_id,
        'survey' as origin,
        customer_id,
        ticket_id,
        invitation_id,
        survey_type,
        wave,
        score,
        cast(null as date) as replaced_on,
        answer_date,
        answered_at
    from surveyed
    union all
    select
        tickets.ticket_id || '#csat' as response_id,
        'ticket' as origin,
        tickets.customer_id,
        tickets.ticket_id,
        cast(null as varchar) as invitation_id,
        'csat' as survey_type,
        cast(null as varchar) as wave,
        tickets.csat_score as score,
        asked_about.replaced_on,
        tickets.answer_date,
        tickets.csat_at as answered_at
    from tickets
    left join asked_about
        on tickets.ticket_id = asked_about.ticket_id
    where tickets.answer_date <= {{ as_of_date() }}

),

of_respondents as (

    select
        response_id,
        origin,
        customer_id,
        ticket_id,
        invitation_id,
        survey_type,
        {{ answer_group() }} as answer_group,
        coalesce(wave, substr(cast({{ month_start('answer_date') }} as varchar), 1, 7)) as wave,
        score,
        customer_id is null as is_anonymous,
        replaced_on,
        answer_date,
        answered_at,
        -- whoever is nobody answers for themselves alone
        coalesce(customer_id, 'answer ' || response_id) as respondent
    from answers

),

counted as (

    {{ counted_survey_answers_at(as_of_date(), 'of_respondents') }}

),

final as (

    select
        *,
        is_counted
        and row_number() over (
            partition by respondent, survey_type, is_counted, {{ month_start('answer_date') }}
            order by answered_at desc, response_id desc
        ) = 1 as is_latest_in_month,
        is_counted
        and answer_date > {{ add_days(as_of_date(), '-' ~ var('survey_window_days')) }}
        and row_number() over (
            partition by respondent, survey_type, is_counted
            order by answered_at desc, response_id desc
        ) = 1 as is_latest_in_window
    from counted

)

select * from final
