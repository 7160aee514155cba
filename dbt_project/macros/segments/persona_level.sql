{#- A measure on the scale on which personas are told apart, cut at six decimals. -#}
{% macro persona_level(measure, scale) -%}
cast({% if scale == 'log' %}ln(1 + {{ measure }}){% else %}{{ measure }}{% endif %} as decimal(18, 6))
{%- endmacro %}
