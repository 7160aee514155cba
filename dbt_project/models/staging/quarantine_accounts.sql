{{ quarantined('accounts') }}
