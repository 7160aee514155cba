{{ quarantined('interactions') }}
