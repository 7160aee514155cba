{{ config(meta=versions_of('campaign_contacts')) }}

with {{ landed_cte('campaign_contacts') }},

{{ typed_cte('campaign_contacts') }},

{{ checked_cte('campaign_contacts') }}

select * from checked
