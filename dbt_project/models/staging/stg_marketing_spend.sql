{{ staged('marketing_spend') }}
