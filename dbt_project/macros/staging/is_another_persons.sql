{#- Whether a kept row names another person, or another exclusion, than its record stands for now. Needs the CTEs or
    relations `merged` (int_records_merge by kept.record_id) and `excluded_customers` (int_customers_exclude by the person).

    kept: the relation; it has record_id, customer_id and is_excluded. -#}
{% macro is_another_persons(kept) -%}
    coalesce(merged.customer_id, {{ kept }}.record_id) is distinct from {{ kept }}.customer_id
            or (excluded_customers.customer_id is not null) <> {{ kept }}.is_excluded
{%- endmacro %}
