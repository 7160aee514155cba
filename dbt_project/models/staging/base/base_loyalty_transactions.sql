{{ config(meta=versions_of('loyalty_transactions')) }}

with {{ landed_cte('loyalty_transactions') }},

{{ typed_cte('loyalty_transactions', renamed={'kind': 'delivered_kind'}) }},

{{ mapped_ctes('map_loyalty_kind', 'kind') }},

{% set problems = {
    'kind': when_unknown('kind'),
    'points': "when abs(points) >= 1e12 then 'points is too large'",
} -%}

{{ checked_cte('loyalty_transactions', 'mapped', problems) }}

select * from checked
