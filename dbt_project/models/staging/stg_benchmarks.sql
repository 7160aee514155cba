{{ staged('benchmarks') }}
