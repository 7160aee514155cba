{{ staged('product_categories') }}
