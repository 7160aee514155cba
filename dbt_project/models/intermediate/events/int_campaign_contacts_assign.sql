{{ assigned('campaign_contacts') }}
