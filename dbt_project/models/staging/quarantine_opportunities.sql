{{ quarantined('opportunities') }}
