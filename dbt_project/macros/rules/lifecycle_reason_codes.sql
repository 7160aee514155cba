{#- The conditions that customer_lifecycle can decide; the seed lifecycle_rules says their order and their stage. -#}
{% macro lifecycle_reason_codes() -%}
{{ return([
    'no_valid_order',
    'silent_beyond_churn_limit',
    'first_purchase_is_recent',
    'overdue_against_cadence',
    'returned_after_churn',
    'frequent_and_established',
    'no_other_rule',
]) }}
{%- endmacro %}
