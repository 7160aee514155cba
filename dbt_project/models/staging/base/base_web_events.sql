{{ config(meta=versions_of('web_events')) }}

with {{ landed_cte('web_events') }},

{{ typed_cte('web_events') }},

{{ checked_cte('web_events') }}

select * from checked
