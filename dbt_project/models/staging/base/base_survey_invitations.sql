{{ config(meta=versions_of('survey_invitations')) }}

with {{ landed_cte('survey_invitations') }},

{{ typed_cte('survey_invitations', renamed={'survey_type': 'delivered_survey_type'}) }},

{{ mapped_ctes('map_survey_type', 'survey_type') }},

{% set problems = {'survey_type': when_unknown('survey_type')} -%}

{{ checked_cte('survey_invitations', 'mapped', problems) }}

select * from checked
