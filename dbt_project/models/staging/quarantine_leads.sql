{{ quarantined('leads') }}
