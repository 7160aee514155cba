{{ assigned('reviews') }}
