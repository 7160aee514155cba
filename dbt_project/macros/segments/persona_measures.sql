{#- What personas are told apart by: columns of feat_persona_measures. `log` measures are counts, days and amounts, whose
    differences are of proportion: they enter as ln(1 + value). -#}
{% macro persona_measures() -%}
{{ return({
    'recency_days': 'log',
    'purchase_days': 'log',
    'order_value': 'log',
    'discounted_share': 'plain',
    'refund_share': 'plain',
    'gap_days': 'log',
    'tenure_days': 'log',
    'category_count': 'log',
}) }}
{%- endmacro %}
