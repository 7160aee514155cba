{{ quarantined('survey_invitations') }}
