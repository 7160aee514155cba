{{ quarantined('campaigns') }}
