{#- A query of one row: the place of each reason code in the analysts' order, in a column named after it; null where the
    rule was taken out of the seed, so that it never matches. -#}
{% macro rule_orders(rules, reason_codes) -%}
select
    {%- for code in reason_codes %}
        max(case when reason_code = '{{ code }}' then rule_order end) as {{ code }}{{ ',' if not loop.last }}
    {%- endfor %}
    from {{ rules }}
{%- endmacro %}


{#- The place of the first rule that matches: least() passes over the rules that do not.

    conditions: reason code → SQL condition; `no_other_rule` always matches. -#}
{% macro first_rule_that_matches(conditions) -%}
least(
            {%- for code, condition in conditions.items() %}
            case when {{ condition }} then rule_orders.{{ code }} end,
            {%- endfor %}
            rule_orders.no_other_rule
        )
{%- endmacro %}
