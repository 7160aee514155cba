{{ assigned('interactions') }}
