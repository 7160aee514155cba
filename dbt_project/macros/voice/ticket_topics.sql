{#- The needs that a desk may name as the topic of a ticket, as a list in SQL. -#}
{% macro ticket_topics() -%}
    {%- set needs = [
        'price', 'quality', 'delivery', 'service', 'responsiveness', 'product_range', 'returns', 'payment', 'usability', 'performance',
        'customisation', 'other',
    ] -%}
    '{{ needs | join("', '") }}'
{%- endmacro %}
