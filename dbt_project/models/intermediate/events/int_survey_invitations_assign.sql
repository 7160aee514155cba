{{ assigned('survey_invitations') }}
