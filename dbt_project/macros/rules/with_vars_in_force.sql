{#- A text column in which each placeholder `{name_of_a_var}` is replaced by the value in force.

    names: the vars to look for, out of thresholds(). -#}
{% macro with_vars_in_force(column, names) -%}
    {%- set ns = namespace(sql=column) -%}
    {%- for name in names -%}
        {%- set value = 'unlimited' if var(name) is none else var(name) | string -%}
        {%- set ns.sql = "replace(" ~ ns.sql ~ ", '{" ~ name ~ "}', '" ~ value | replace("'", "''") ~ "')" -%}
    {%- endfor -%}
    {{ ns.sql }}
{%- endmacro %}


{#- The vars that definitions of metrics may name. -#}
{% macro thresholds() -%}
{{ return([
    'reporting_currency',
    'timezone',
    'default_margin_rate',
    'cost_per_ticket',
    'rfm_window_days',
    'rfm_cut_points',
    'value_tier_high',
    'value_tier_medium',
    'clv_horizon_weeks',
    'annual_discount_rate',
    'clv_parameters',
    'holdout_weeks',
    'min_repeat_customers',
    'clv_interval_share',
    'period_days',
    'persona_silhouette_sample',
    'persona_min_share',
    'default_cadence_days',
    'cadence_gaps',
    'cadence_min_history_days',
    'cadence_min_days',
    'cadence_max_days',
    'churn_floor_days',
    'churn_cadence_factor',
    'churn_ceiling_days',
    'new_days',
    'at_risk_floor_days',
    'at_risk_cadence_factor',
    'reactivated_days',
    'loyal_min_days',
    'loyal_window_days',
    'loyal_tenure_days',
    'relationship_window_days',
    'relationship_decline_ratio',
    'relationship_decline_min_days',
    'relationship_exploration_max_days',
    'relationship_min_tenure_days',
    'relationship_growth_ratio',
    'churn_evidence_share',
]) }}
{%- endmacro %}
