{#- A text column in which every placeholder `{name_of_a_var}` is replaced by the value in force. -#}
{% macro with_vars_in_force(column) -%}
    {%- set ns = namespace(sql=column) -%}
    {%- for name in thresholds() -%}
        {%- set value = var(name) if var(name) is not none else 'unlimited' -%}
        {%- set ns.sql = "replace(" ~ ns.sql ~ ", '{" ~ name ~ "}', '" ~ (value | string | replace("'", "''")) ~ "')" -%}
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
]) }}
{%- endmacro %}
