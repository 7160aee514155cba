{{ staged('interactions') }}
