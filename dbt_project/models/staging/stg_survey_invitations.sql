{{ staged('survey_invitations') }}
