{{ quarantined('campaign_contacts') }}
