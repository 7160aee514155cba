{{ config(meta=versions_of('benchmarks')) }}

with {{ landed_cte('benchmarks') }},

{{ typed_cte('benchmarks') }},

{{ checked_cte('benchmarks') }}

select * from checked
