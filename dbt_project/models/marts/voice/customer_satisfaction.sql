with answers as (

    select * from {{ ref('feat_survey_answers') }}

),

changes as (

    select * from {{ ref('feat_satisfaction_changes') }}

),

ranked as (

    select
        customer_id,
        survey_type,
        score,
        answer_date,
        row_number() over (
            partition by customer_id, survey_type
            order by answered_at desc, response_id desc
        ) as place
    from answers
    where
        is_counted
        and customer_id is not null

),

latest as (

    select
        customer_id,
        max(case when place = 1 and survey_type = 'nps' then score end) as nps_score,
        max(case when place = 1 and survey_type = 'csat' then score end) as csat_score,
        max(case when place = 1 and survey_type = 'ces1' then score end) as ces1_score,
        max(case when place = 1 and survey_type = 'ces2' then score end) as ces2_score,
        count(*) as answers,
        max(answer_date) as last_answer_date
    from ranked
    group by customer_id

),

final as (

    select
        cast(latest.customer_id as varchar) as customer_id,
        cast(latest.nps_score as integer) as nps_score,
        cast(latest.csat_score as integer) as csat_score,
        cast(latest.ces1_score as integer) as ces1_score,
        cast(latest.ces2_score as integer) as ces2_score,
        cast(latest.answers as bigint) as answers,
        cast(changes.satisfaction_change as double precision) as satisfaction_change,
        cast(latest.last_answer_date as date) as last_answer_date,
        {{ as_of_date() }} as as_of_date
    from latest
    left join changes
        on latest.customer_id = changes.customer_id

)

select * from final
