{{ assigned('tickets') }}
