{#- The CTE `mapped`: `typed` with `column` as a seed has its delivered_<column>. What the seed does not list stays
    as it is, and is_known_<column> says so.

    seed: a seed with delivered_<column> in lower case, and <column>. -#}
{% macro mapped_ctes(seed, column) -%}
known as (

    select * from {{ ref(seed) }}

),

mapped as not materialized (

    select
        typed.*,
        coalesce(known.{{ column }}, typed.delivered_{{ column }}) as {{ column }},
        known.{{ column }} is not null as is_known_{{ column }}
    from typed
    left join known
        on lower(typed.delivered_{{ column }}) = known.delivered_{{ column }}

)
{%- endmacro %}


{#- The branch of a `case` for a value that the seed does not list. -#}
{% macro when_unknown(column) -%}
    when not is_known_{{ column }} then '{{ column }} is unknown'
{%- endmacro %}
