{{ config(meta=versions_of('survey_responses')) }}

with {{ landed_cte('survey_responses') }},

{{ typed_cte('survey_responses') }},

{{ checked_cte('survey_responses') }}

select * from checked
