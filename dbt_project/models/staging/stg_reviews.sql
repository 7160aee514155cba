{{ staged('reviews') }}
