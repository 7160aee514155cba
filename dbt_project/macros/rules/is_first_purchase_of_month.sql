{#- Whether a purchase day is the customer's first in its month: the one before lies in an earlier month, or there is
    none. Counting these days of a month counts its active customers, without grouping by customer. -#}
{% macro is_first_purchase_of_month(days='purchase_days') -%}
({{ days }}.gap_days is null or {{ days }}.gap_days >= extract(day from {{ days }}.purchase_date))
{%- endmacro %}
