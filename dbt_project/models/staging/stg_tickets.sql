{{ staged('tickets') }}
