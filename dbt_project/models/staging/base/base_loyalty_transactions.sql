{{ config(meta=versions_of('loyalty_transactions')) }}

with {{ landed_cte('loyalty_transactions') }},

kind_map as (

    select * from {{ ref('map_loyalty_kind') }}

),

{{ typed_cte('loyalty_transactions', renamed={'kind': 'delivered_kind'}) }},

mapped as not materialized (

    select
        typed.*,
        -- an unknown kind goes to quarantine under its own name
        coalesce(kind_map.kind, typed.delivered_kind) as kind,
        kind_map.kind is not null as is_known_kind
    from typed
    left join kind_map
        on lower(typed.delivered_kind) = kind_map.delivered_kind

),

{% set problems = {
    'kind': "when not is_known_kind then 'kind is unknown'",
    'points': "when abs(points) >= 1e12 then 'points is too large'",
} -%}

{{ checked_cte('loyalty_transactions', 'mapped', problems) }}

select * from checked
