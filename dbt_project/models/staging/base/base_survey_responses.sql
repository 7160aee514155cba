{{ config(meta=versions_of('survey_responses')) }}

with {{ landed_cte('survey_responses') }},

{{ typed_cte('survey_responses', renamed={'survey_type': 'delivered_survey_type'}) }},

{{ mapped_surveys_ctes() }},

{% set problems = {'survey_type': when_survey_is_unknown(), 'score': when_off_scale()} -%}

{{ checked_cte('survey_responses', 'mapped', problems) }}

select * from checked
