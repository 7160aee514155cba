{#- A delivered order status as map_order_status spells it: in lower case, full-width commas and blanks as plain ones, without the prefix
    that WooCommerce puts before its own. -#}
{% macro comparable_status(status) -%}
    {%- set plain = "replace(replace(lower(" ~ status ~ "), '，', ','), '　', ' ')" -%}
    case when {{ plain }} like 'wc-%' then substr({{ plain }}, 4) else {{ plain }} end
{%- endmacro %}


{#- A query of `statuses:` in sources.yml: source, delivered_status, status, is_refunded; no row where no source has any. -#}
{% macro statuses_of_sources() -%}
    select
        cast(null as varchar) as source,
        cast(null as varchar) as delivered_status,
        cast(null as varchar) as status,
        false as is_refunded
    where false
    {%- for source, statuses in var('source_rules').get('statuses', {}).items() %}
    {%- for delivered, status in statuses.items() %}
    union all
    select
        '{{ source }}',
        '{{ delivered | replace("'", "''") }}',
        '{{ 'completed' if status == 'refunded' else status }}',
        {{ 'true' if status == 'refunded' else 'false' }}
    {%- endfor %}
    {%- endfor %}
{%- endmacro %}
