{#- The columns of kpi_monthly that a target may be set for. -#}
{% macro target_metrics() -%}
    {{ return([
        'net_revenue',
        'gross_margin',
        'orders',
        'customers',
        'active_customers',
        'new_customers',
        'returning_customers',
        'retention_rate',
        'repeat_rate',
        'aov',
        'orders_per_customer',
        'nps',
        'csat',
        'ces',
        'complaint_rate',
        'resolution_hours',
        'churn_rate',
        'cac',
        'clv_to_cac',
        'gini',
        'top_20_share',
        'points_liability',
    ]) }}
{%- endmacro %}
