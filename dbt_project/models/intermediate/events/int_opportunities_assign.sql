{{ assigned('opportunities') }}
