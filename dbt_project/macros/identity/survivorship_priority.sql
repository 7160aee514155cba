{#- The priority of a source for an attribute, from the rules that name the source or *: the rule for both goes first, then the
    one for the attribute, then the one for the source, then the one for everything. Without any it is 1000. -#}
{% macro survivorship_priority(attribute) -%}
    coalesce(
            min(case when rules.attribute = '{{ attribute }}' and rules.source <> '*' then rules.priority end),
            min(case when rules.attribute = '{{ attribute }}' then rules.priority end),
            min(case when rules.attribute = '*' and rules.source <> '*' then rules.priority end),
            min(case when rules.attribute = '*' then rules.priority end),
            1000
        )
{%- endmacro %}
