{{ assigned('survey_responses') }}
