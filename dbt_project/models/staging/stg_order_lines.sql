{{ staged('order_lines') }}
