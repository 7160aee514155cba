{{ staged('products') }}
