{{ config(meta=versions_of('survey_invitations')) }}

with {{ landed_cte('survey_invitations') }},

{{ typed_cte('survey_invitations', renamed={'survey_type': 'delivered_survey_type'}) }},

{{ mapped_surveys_ctes() }},

{% set problems = {'survey_type': when_survey_is_unknown()} -%}

{{ checked_cte('survey_invitations', 'mapped', problems) }}

select * from checked
