{{ quarantined('benchmarks') }}
