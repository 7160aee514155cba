{#- high, medium or low, from a value, the sum of all larger ones and the sum of all; none of the arguments may be null. -#}
{% macro value_tier(value, value_before, total_value) -%}
case
            when {{ value }} <= 0 then 'low'
            when {{ value_before }} < {{ var('value_tier_high') }} * {{ total_value }} then 'high'
            when {{ value_before }} < {{ var('value_tier_medium') }} * {{ total_value }} then 'medium'
            else 'low'
        end
{%- endmacro %}
