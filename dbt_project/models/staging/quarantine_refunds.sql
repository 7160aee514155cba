{{ quarantined('refunds') }}
