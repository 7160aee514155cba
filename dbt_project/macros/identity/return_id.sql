{#- The published refund id of a returned line: its order's id, `#`, its line id. A `#` within the order's id is escaped,
    so that no two lines share an id. -#}
{% macro return_id(order_id, line_id) -%}
    replace(replace({{ order_id }}, '%', '%25'), '#', '%23') || '#' || {{ line_id }}
{%- endmacro %}
