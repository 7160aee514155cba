{#- How many periods of period_days before D a day lies: 1 for the period that ends at D, 2 for the one before. -#}
{% macro period_number(day) -%}
cast(floor({{ days_between(day, as_of_date()) }} / nullif(cast({{ var('period_days') }} as double precision), 0)) as integer) + 1
{%- endmacro %}


{#- The first day of a period counted that way. -#}
{% macro period_start(number) -%}
{{ add_days(as_of_date(), '1 - ' ~ number ~ ' * ' ~ var('period_days')) }}
{%- endmacro %}


{#- The last day of a period counted that way. -#}
{% macro period_end(number) -%}
{{ add_days(as_of_date(), '(1 - ' ~ number ~ ') * ' ~ var('period_days')) }}
{%- endmacro %}
