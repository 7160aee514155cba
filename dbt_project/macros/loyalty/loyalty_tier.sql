{#- The tier that qualifying points make. -#}
{% macro loyalty_tier(points) -%}
    case
            when {{ points }} >= {{ var('loyalty_platinum_points') }} then 'platinum'
            when {{ points }} >= {{ var('loyalty_gold_points') }} then 'gold'
            when {{ points }} >= {{ var('loyalty_silver_points') }} then 'silver'
            else 'bronze'
        end
{%- endmacro %}


{#- What the open points of a balance are expected to cost; nobody's debt lowers it. -#}
{% macro points_liability(balance) -%}
    {{ money('greatest(' ~ balance ~ ', 0)', var('point_value'), '1 - ' ~ var('breakage_rate')) }}
{%- endmacro %}
