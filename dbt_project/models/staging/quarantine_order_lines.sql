{{ quarantined('order_lines') }}
