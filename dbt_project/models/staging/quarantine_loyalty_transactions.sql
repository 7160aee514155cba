{{ quarantined('loyalty_transactions') }}
