{#- What the logistic model of churn is fitted on, of one row of feat_churn_features: name → SQL. Counts, days and amounts differ by
    proportion: they enter as ln(1 + value), amounts with their sign. A value that is missing is 0 and has an indicator. -#}
{% macro churn_inputs() -%}
{{ return({
    'days_since': churn_log('days_since'),
    'own_cadence_days': churn_log('own_cadence_days'),
    'overdue_ratio': churn_log('overdue_ratio'),
    'purchase_days': churn_log('purchase_days'),
    'purchase_days_90d': churn_log('purchase_days_90d'),
    'purchase_days_365d': churn_log('purchase_days_365d'),
    'tenure_days': churn_log('tenure_days'),
    'later_net_revenue': churn_signed_log('later_net_revenue'),
    'earlier_net_revenue': churn_signed_log('earlier_net_revenue'),
    'complaints_90d': churn_log('complaints_90d'),
    'open_complaints': churn_log('open_complaints'),
    'satisfaction_change': churn_plain('coalesce(satisfaction_change, 0)'),
    'refund_share': churn_plain('coalesce(refund_share, 0)'),
    'discount_share': churn_plain('coalesce(discount_share, 0)'),
    'no_own_cadence': churn_plain('case when is_own_cadence then 0 else 1 end'),
    'no_satisfaction_change': churn_plain('case when satisfaction_change is null then 1 else 0 end'),
    'no_shares': churn_plain('case when refund_share is null then 1 else 0 end'),
}) }}
{%- endmacro %}


{#- Cut at six decimals: engines differ in the last digits of a logarithm. -#}
{% macro churn_log(column) -%}
cast(ln(1 + cast({{ column }} as double precision)) as decimal(12, 6))
{%- endmacro %}


{% macro churn_signed_log(column) -%}
cast(
            sign(cast({{ column }} as double precision)) * ln(1 + abs(cast({{ column }} as double precision)))
            as decimal(12, 6)
        )
{%- endmacro %}


{% macro churn_plain(expression) -%}
cast({{ expression }} as decimal(12, 6))
{%- endmacro %}
