{{ quarantined('reviews') }}
