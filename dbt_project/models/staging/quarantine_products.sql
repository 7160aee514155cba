{{ quarantined('products') }}
