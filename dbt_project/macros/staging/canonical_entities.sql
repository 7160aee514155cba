{#- The names of the canonical entities, in the order of plugins/kehu/entities.py. -#}
{% macro canonical_entities() -%}
{{ return([
    'customers',
    'accounts',
    'leads',
    'orders',
    'order_lines',
    'refunds',
    'products',
    'categories',
    'product_categories',
    'interactions',
    'tickets',
    'survey_responses',
    'campaigns',
    'campaign_contacts',
    'loyalty_transactions',
    'web_events',
    'opportunities',
    'exchange_rates',
    'marketing_spend',
]) }}
{%- endmacro %}
