{{ quarantined('customers') }}
