with answers as (

    select * from {{ ref('feat_survey_answers') }}

),

comments as (

    select
        response_id,
        comment
    from {{ ref('int_survey_responses_assign') }}

),

final as (

    select
        cast(answers.response_id as varchar) as response_id,
        cast(answers.origin as varchar) as origin,
        cast(answers.customer_id as varchar) as customer_id,
        cast(answers.ticket_id as varchar) as ticket_id,
        cast(answers.invitation_id as varchar) as invitation_id,
        cast(answers.survey_type as varchar) as survey_type,
        cast(answers.wave as varchar) as wave,
        cast(answers.answer_group as varchar) as answer_group,
        cast(comments.comment as varchar) as comment,
        cast(answers.score as decimal(18, 6)) as score,
        cast(answers.is_anonymous as boolean) as is_anonymous,
        cast(answers.is_counted as boolean) as is_counted,
        cast(answers.is_latest_in_month as boolean) as is_latest_in_month,
        cast(answers.is_latest_in_window as boolean) as is_latest_in_window,
        cast(answers.answer_date as date) as answer_date,
        cast(answers.answered_at as timestamp) as answered_at
    from answers
    left join comments
        on answers.response_id = comments.response_id

)

select * from final
