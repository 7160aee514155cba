{{ quarantined('product_categories') }}
