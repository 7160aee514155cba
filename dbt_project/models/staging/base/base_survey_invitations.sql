{{ config(meta=versions_of('survey_invitations')) }}

with {{ landed_cte('survey_invitations') }},

{{ typed_cte('survey_invitations') }},

{{ checked_cte('survey_invitations') }}

select * from checked
