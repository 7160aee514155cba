with answers as (

    select * from {{ ref('feat_survey_answers') }}

),

final as (

    {{ satisfaction_falls_at(as_of_date(), 'answers') }}

)

select * from final
