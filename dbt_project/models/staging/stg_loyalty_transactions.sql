{{ staged('loyalty_transactions') }}
