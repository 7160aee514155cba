-- Detects: answers that a segmentation has lost or holds twice, and groups of nps answers that are not all of them.
-- Usual cause: a respondent who is in no segment of a segmentation, or an answer that is in two groups.
-- A row: a segmentation, type of survey and period with both counts.
{{ config(tags=['candidate']) }}

with cells as (

    select * from {{ ref('satisfaction_by_segment') }}

),

answers as (

    select * from {{ ref('fct_survey_responses') }}

),

published as (

    select
        survey_type,
        substr(cast({{ month_start('answer_date') }} as varchar), 1, 7) as period,
        count(*) as answers
    from answers
    where is_latest_in_month
    group by survey_type, substr(cast({{ month_start('answer_date') }} as varchar), 1, 7)
    union all
    select
        survey_type,
        'all' as period,
        count(*) as answers
    from answers
    where is_latest_in_window
    group by survey_type

),

summed as (

    select
        segmentation,
        survey_type,
        period,
        sum(answers) as answers,
        sum(case when survey_type = 'nps' then promoters + passives + detractors else answers end) as grouped_answers
    from cells
    group by segmentation, survey_type, period

),

final as (

    select
        summed.segmentation,
        summed.survey_type,
        summed.period,
        summed.answers,
        summed.grouped_answers,
        coalesce(published.answers, 0) as published_answers
    from summed
    left join published
        on
            summed.survey_type = published.survey_type
            and summed.period = published.period
    where
        summed.answers <> coalesce(published.answers, 0)
        or summed.answers <> summed.grouped_answers

)

select * from final
