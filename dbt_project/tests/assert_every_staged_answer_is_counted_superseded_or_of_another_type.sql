-- Detects: answers that are staged and in no figure for no reason, and respondents who count twice in a wave.
-- Usual cause: an answer lost between staging and fct_survey_responses, or two answers of a wave both counted.
-- A row: what does not add up, with both counts.
{{ config(tags=['candidate']) }}

with delivered as (

    select
        responses.response_id,
        {{ business_date('responses.responded_at') }} as answer_date
    from {{ ref('int_survey_responses_assign') }} as responses
    left join {{ ref('int_customers_exclude') }} as excluded_customers
        on responses.customer_id = excluded_customers.customer_id
    where excluded_customers.customer_id is null

),

answers as (

    select * from {{ ref('fct_survey_responses') }}

),

waves as (

    select
        coalesce(customer_id, response_id) as respondent,
        survey_type,
        wave,
        sum(case when is_counted then 1 else 0 end) as counted,
        sum(case when origin = 'survey' and survey_type <> 'other' then 1 else 0 end) as surveyed
    from answers
    group by coalesce(customer_id, response_id), survey_type, wave

),

counts as (

    select
        'answers landed up to D' as what,
        (
            select count(*)
            from delivered
            where answer_date <= {{ as_of_date() }}
        ) as expected,
        (
            select count(*)
            from answers
            where origin = 'survey'
        ) as found
    union all
    select
        'respondents of a wave that do not count exactly once' as what,
        0 as expected,
        (
            select count(*)
            from waves
            where
                surveyed > 0
                and counted <> 1
        ) as found

),

final as (

    select * from counts
    where expected <> found

)

select * from final
