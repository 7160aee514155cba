-- Detects: a reason code that relationship_stages_at does not know (the rule would never match), and a seed whose
-- last rule is not no_other_rule (customers whom no rule matches would have no stage, or rules after it would never
-- be tried).
-- Usual cause: an edit of the seed relationship_rules.
-- A row: the rule at fault.
{{ config(tags=['state']) }}
{% set known_codes = "'" ~ relationship_reason_codes() | join("', '") ~ "'" %}

with rules as (

    select * from {{ ref('relationship_rules') }}

),

last_rule as (

    select max(rule_order) as rule_order from rules

),

final as (

    select
        last_rule.rule_order,
        rules.reason_code,
        rules.relationship_stage
    from last_rule
    left join rules
        on last_rule.rule_order = rules.rule_order
    where
        rules.reason_code is null
        or rules.reason_code <> 'no_other_rule'
    union all
    select
        rules.rule_order,
        rules.reason_code,
        rules.relationship_stage
    from rules
    where rules.reason_code not in ({{ known_codes }})  -- noqa: LT05

)

select * from final
