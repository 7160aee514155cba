{#- A materialization: the connected components of the graph whose edges the model selects.

    The model's query has the columns `node` and `neighbour`, both bigint; an edge has no direction. The table has `node` and
    `component`, the smallest node of its component, one row per node that is not itself the smallest. What is in no edge is
    not in the table.

    The rounds are in macros/identity/find_stars.sql. It never stops halfway: without an end after `max_rounds` it is an
    error. -#}
{% materialization connected_components, default %}
    {%- set existing = load_cached_relation(this) -%}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set edges = this.identifier ~ '__edges' -%}
    {%- set stars = this.identifier ~ '__stars' -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {%- do run_query(drop_temporary_sql(edges)) -%}
    {%- do run_query(drop_temporary_sql(stars)) -%}
    {%- do run_query(edges_sql(edges, compiled_code)) -%}
    {%- do find_stars(edges, stars, config.get('max_rounds', 100)) -%}

    {%- if existing is not none -%}
        {%- do adapter.drop_relation(existing) -%}
    {%- endif -%}
    {%- call statement('main') -%}
        create table {{ target_relation }} as select node, neighbour as component from {{ edges }}
    {%- endcall -%}
    {%- do run_query(drop_temporary_sql(edges)) -%}

    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {%- do persist_docs(target_relation, model) -%}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}
