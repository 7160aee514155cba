{#- The squared distance of a row of `points` to the centre at a place of `side_by_side`; null where the place has none. -#}
{% macro squared_distance(measures, place) -%}
(
            {%- for measure in measures %}
            power(points.{{ measure }} - side_by_side.{{ measure }}_{{ place }}, 2){{ ' +' if not loop.last }}
            {%- endfor %}
        )
{%- endmacro %}
