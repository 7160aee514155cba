{{ config(meta=versions_of('survey_responses')) }}

with {{ landed_cte('survey_responses') }},

{{ typed_cte('survey_responses', renamed={'survey_type': 'delivered_survey_type'}) }},

{{ mapped_ctes('map_survey_type', 'survey_type') }},

{% set problems = {'survey_type': when_unknown('survey_type'), 'score': when_off_scale()} -%}

{{ checked_cte('survey_responses', 'mapped', problems) }}

select * from checked
