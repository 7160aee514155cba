{{ quarantined('survey_responses') }}
