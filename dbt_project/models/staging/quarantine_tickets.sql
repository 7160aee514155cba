{{ quarantined('tickets') }}
