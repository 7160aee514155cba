{{ quarantined('categories') }}
