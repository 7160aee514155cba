{#- The values of a group joined by a separator in a fixed order. -#}
{% macro string_list(expression, order_by, separator=',') -%}
    {{ return(adapter.dispatch('string_list')(expression, order_by, separator)) }}
{%- endmacro %}


{% macro default__string_list(expression, order_by, separator) -%}
    string_agg({{ expression }}, '{{ separator }}' order by {{ order_by }})
{%- endmacro %}


{% macro spark__string_list(expression, order_by, separator) -%}
    listagg({{ expression }}, '{{ separator }}') within group (order by {{ order_by }})
{%- endmacro %}
