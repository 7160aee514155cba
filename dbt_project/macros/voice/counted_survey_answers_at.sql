{#- A query: the answers known at the end of a day with `is_counted`, whether they count then. Of a respondent, a type of survey and a wave one
    answer counts, the latest, then the greater id. A survey of type other counts nowhere, and a ticket's own score no longer once an
    answer names the ticket.

    day: an expression. answers: a relation as feat_survey_answers, answers of later days too. -#}
{% macro counted_survey_answers_at(day, answers) -%}
    select
        answers.response_id,
        answers.origin,
        answers.customer_id,
        answers.ticket_id,
        answers.invitation_id,
        answers.survey_type,
        answers.answer_group,
        answers.wave,
        answers.score,
        answers.is_anonymous,
        answers.replaced_on,
        answers.answer_date,
        answers.answered_at,
        answers.respondent,
        answers.survey_type <> 'other'
        and coalesce(answers.replaced_on > {{ day }}, true)
        and row_number() over (
            partition by
                answers.respondent,
                answers.survey_type,
                answers.wave,
                answers.survey_type <> 'other' and coalesce(answers.replaced_on > {{ day }}, true)
            order by answers.answered_at desc, answers.response_id desc
        ) = 1 as is_counted
    from {{ answers }} as answers
    where answers.answer_date <= {{ day }}
{%- endmacro %}


{#- A query: how far each customer's satisfaction has fallen at the end of a day, `satisfaction_change` from 0 (not at all) to 1. Within one
    type of survey it is the mean of the earlier answers of the last 730 days less the latest one, if that is at most 365 days old; of several types
    the largest fall. Nobody without two answers of a type is here.

    day, answers: as in counted_survey_answers_at(). -#}
{% macro satisfaction_falls_at(day, answers) -%}
    select
        compared.customer_id,
        cast(greatest(max(compared.earlier_score - compared.latest_score), 0) as double precision) as satisfaction_change
    from (
        select
            ranked.customer_id,
            ranked.survey_type,
            max(case when ranked.place = 1 then ranked.scaled_score end) as latest_score,
            max(case when ranked.place = 1 then ranked.answer_date end) as latest_date,
            avg(case when ranked.place > 1 then ranked.scaled_score end) as earlier_score
        from (
            select
                counted.customer_id,
                counted.survey_type,
                counted.answer_date,
                {{ scaled_score('counted.score', 'counted.survey_type') }} as scaled_score,
                row_number() over (
                    partition by counted.customer_id, counted.survey_type
                    order by counted.answered_at desc, counted.response_id desc
                ) as place
            from (
                {{ counted_survey_answers_at(day, answers) }}
            ) as counted
            where
                counted.is_counted
                and counted.customer_id is not null
                and counted.answer_date > {{ add_days(day, -730) }}
        ) as ranked
        group by ranked.customer_id, ranked.survey_type
    ) as compared
    where
        compared.earlier_score is not null
        and compared.latest_date > {{ add_days(day, -365) }}
    group by compared.customer_id
{%- endmacro %}


{#- What an answer says in a word, by its score: the group that it is counted in. -#}
{% macro answer_group(score='score', survey_type='survey_type') -%}
    case
            when {{ survey_type }} = 'nps' and {{ score }} >= 9 then 'promoter'
            when {{ survey_type }} = 'nps' and {{ score }} >= 7 then 'passive'
            when {{ survey_type }} = 'nps' then 'detractor'
            when {{ survey_type }} = 'csat' and {{ score }} >= 4 then 'satisfied'
            when {{ survey_type }} = 'csat' and {{ score }} = 3 then 'neutral'
            when {{ survey_type }} = 'csat' then 'dissatisfied'
            when {{ survey_type }} = 'ces2' and {{ score }} >= 5 or {{ survey_type }} = 'ces1' and {{ score }} <= 2 then 'easy'
            when {{ survey_type }} = 'ces2' and {{ score }} = 4 or {{ survey_type }} = 'ces1' and {{ score }} = 3 then 'neutral'
            when {{ survey_type }} in ('ces1', 'ces2') then 'hard'
        end
{%- endmacro %}
