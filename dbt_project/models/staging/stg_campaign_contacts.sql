{{ staged('campaign_contacts') }}
