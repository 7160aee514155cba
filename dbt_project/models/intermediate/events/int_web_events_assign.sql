{{ assigned('web_events') }}
