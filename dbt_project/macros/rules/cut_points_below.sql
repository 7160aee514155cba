{#- How many of a measure's four cut points (columns `<prefix>_20` … `<prefix>_80`) lie strictly below a value. -#}
{% macro cut_points_below(value, prefix) -%}
(
    {%- for percent in [20, 40, 60, 80] %}
    case when {{ prefix }}_{{ percent }} < cast({{ value }} as double precision) then 1 else 0 end
    {{- ' +' if not loop.last }}
    {%- endfor %}
)
{%- endmacro %}
