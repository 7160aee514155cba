{#- A cadence in days, kept between `cadence_min_days` and `cadence_max_days`. The argument must not be null. -#}
{% macro cadence_within_bounds(days) -%}
least(greatest({{ days }}, {{ var('cadence_min_days') }}), {{ var('cadence_max_days') }})
{%- endmacro %}
