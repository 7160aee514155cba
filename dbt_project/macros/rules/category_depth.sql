{#- How many steps the tree of categories is followed upwards. Each is a join, so that no engine needs to know recursion;
    assert_no_category_is_deeper_than_is_looked.sql fails where a tree goes on above. -#}
{% macro category_depth() -%}
{{ return(16) }}
{%- endmacro %}


{#- A query: the parent of each category, the parent's parent and so on, in columns ancestor_1, ancestor_2 …; in a circle they
    come round again. -#}
{% macro category_chains(categories) -%}
select
        {{ categories }}.category_id,
        {%- for step in range(1, category_depth() + 1) %}
        parent_{{ step }}.category_id as ancestor_{{ step }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ categories }}
    {%- for step in range(1, category_depth() + 1) %}
    left join {{ categories }} as parent_{{ step }}
        on {{ categories if step == 1 else 'parent_' ~ (step - 1) }}.parent_category_id = parent_{{ step }}.category_id
    {%- endfor %}
{%- endmacro %}
