{#- A query of one row: the lifecycle and the relationship stage of whoever has not bought, by the seeds. -#}
{% macro prospect_stages() -%}
with lifecycle as (

    select * from {{ ref('lifecycle_rules') }}
    where reason_code in ('no_valid_order', 'no_other_rule')

),

relationship as (

    select * from {{ ref('relationship_rules') }}
    where reason_code in ('no_valid_order', 'no_other_rule')

),

final as (

    select
        lifecycle.lifecycle_stage,
        relationship.relationship_stage
    from lifecycle
    cross join relationship
    where
        lifecycle.rule_order = (select min(rule_order) from lifecycle)
        and relationship.rule_order = (select min(rule_order) from relationship)

)

select * from final
{%- endmacro %}
