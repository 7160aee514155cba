{#- A materialization: the connected components of the graph whose edges the model selects.

    The model's query has the columns `node` and `neighbour`, both bigint; an edge has no direction. The table has `node` and
    `component`, the smallest node of its component, one row per node that is not itself the smallest. What is in no edge is
    not in the table.

    The rounds are in macros/identity/find_stars.sql. It never stops halfway: without an end after `max_rounds` it is an
    error. -#}
{% materialization connected_components, default %}
    {%- set existing = load_cached_relation(this) -%}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set edges = working_table(this.identifier ~ '__edges') -%}
    {%- set stars = working_table(this.identifier ~ '__stars') -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {%- do run_statement(drop_working_table_sql(edges)) -%}
    {%- do run_statement(drop_working_table_sql(stars)) -%}
    {%- do run_statement(edges_sql(edges, compiled_code)) -%}
    {%- do find_stars(edges, stars, config.get('max_rounds', 100)) -%}

    {%- if existing is not none -%}
        {%- do adapter.drop_relation(existing) -%}
    {%- endif -%}
    {%- call statement('main') -%}
        {{ create_table_as(false, target_relation, 'select node, neighbour as component from ' ~ edges) }}
    {%- endcall -%}
    {%- do run_statement(drop_working_table_sql(edges)) -%}

    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {%- do persist_docs(target_relation, model) -%}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}
