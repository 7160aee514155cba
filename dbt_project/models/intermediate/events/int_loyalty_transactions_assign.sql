{{ assigned('loyalty_transactions') }}
