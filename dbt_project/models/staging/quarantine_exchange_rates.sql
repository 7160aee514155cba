{{ quarantined('exchange_rates') }}
