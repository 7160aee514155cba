{{ quarantined('web_events') }}
