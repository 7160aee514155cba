{{ quarantined('marketing_spend') }}
