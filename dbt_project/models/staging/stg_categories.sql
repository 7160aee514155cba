{{ staged('categories') }}
