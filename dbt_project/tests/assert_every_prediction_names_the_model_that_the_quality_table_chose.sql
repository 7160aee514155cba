-- Detects: customers whose model or grade is not the one that clv_model_quality has chosen for their group, or a group
-- for which none or more than one is chosen.
-- Usual cause: scores and quality rows written by different fits.
-- A row: a group with a model and a grade that the other side does not know.
{{ config(tags=['candidate']) }}

with customers as (

    select distinct
        fit_segment as segment,
        coalesce(model_name, 'none') as model_name,
        model_grade as grade
    from {{ ref('customer_lifetime_value') }}

),

quality as (

    select * from {{ ref('clv_model_quality') }}
    where kind <> 'spend'

),

chosen as (

    select
        segment,
        max(case when is_chosen then model_name end) as model_name,
        max(case when is_chosen then grade end) as grade,
        sum(case when is_chosen then 1 else 0 end) as chosen_models
    from quality
    group by segment

),

final as (

    select
        customers.segment,
        customers.model_name,
        customers.grade,
        chosen.model_name as chosen_model_name,
        chosen.grade as chosen_grade,
        chosen.chosen_models
    from customers
    left join chosen
        on customers.segment = chosen.segment
    where
        chosen.segment is null
        or chosen.chosen_models <> 1
        or customers.model_name <> chosen.model_name
        or customers.grade <> chosen.grade

)

select * from final
