{#- A materialization: the connected components of the graph whose edges the model selects.

    The model's query has the columns `node` and `neighbour`, both bigint; an edge has no direction. The table has `node` and
    `component`, the smallest node of its component, one row per node that is not itself the smallest. What is in no edge is
    not in the table.

    It alternates the large star and small star operations of Kiveris, Lattanzi, Mirrokni, Rastogi and Vassilvitskii,
    "Connected Components in MapReduce and Beyond", SoCC 2014, until every component is a star around its smallest node.
    That takes a handful of rounds for small components and about the logarithm of its length for a chain. A round is a few
    plain statements over temporary tables. It never stops halfway: without an end after `max_rounds` it is an error. -#}
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


{#- Rounds until all components are stars. -#}
{% macro find_stars(edges, stars, max_rounds) -%}
    {%- set ns = namespace(left=run_query(unfinished_sql(edges)).columns[0].values()[0]) -%}
    {%- for round in range(max_rounds) -%}
        {%- if ns.left > 0 -%}
            {%- do run_query(large_star_sql(edges, stars)) -%}
            {%- do run_query(drop_temporary_sql(edges)) -%}
            {%- do run_query(small_star_sql(stars, edges)) -%}
            {%- do run_query(drop_temporary_sql(stars)) -%}
            {%- set ns.left = run_query(unfinished_sql(edges)).columns[0].values()[0] -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if ns.left > 0 -%}
        {%- do exceptions.raise_compiler_error(
            'ComponentsDidNotConverge: ' ~ ns.left ~ ' edges are not part of a star after ' ~ max_rounds
            ~ ' rounds; raise max_rounds in the config of the model'
        ) -%}
    {%- endif -%}
{%- endmacro %}


{#- The edges as the rounds keep them: once each, from the larger node to the smaller. -#}
{% macro edges_sql(edges, query) -%}
    create temporary table {{ edges }} as
    select distinct
        greatest(node, neighbour) as node,
        least(node, neighbour) as neighbour
    from ({{ query }}) as given
    where node <> neighbour
{%- endmacro %}


{#- Every node sends its larger neighbours to its smallest one. -#}
{% macro large_star_sql(edges, stars) -%}
    create temporary table {{ stars }} as
    with both_ways as (
        select node, neighbour from {{ edges }}
        union all
        select neighbour, node from {{ edges }}
    ),

    smallest as (
        select node, least(node, min(neighbour)) as neighbour from both_ways group by node
    )

    select distinct both_ways.neighbour as node, smallest.neighbour
    from both_ways
    inner join smallest on both_ways.node = smallest.node
    where both_ways.neighbour > both_ways.node
{%- endmacro %}


{#- Every node sends itself and its smaller neighbours to the smallest one. -#}
{% macro small_star_sql(stars, edges) -%}
    create temporary table {{ edges }} as
    with smallest as (
        select node, min(neighbour) as neighbour from {{ stars }} group by node
    )

    select node, neighbour from smallest
    union
    select large.neighbour as node, smallest.neighbour
    from {{ stars }} as large
    inner join smallest on large.node = smallest.node
    where large.neighbour > smallest.neighbour
{%- endmacro %}


{#- How many edges keep the graph from being stars: those to a node that has a smaller one, and a node's edges but one. -#}
{% macro unfinished_sql(edges) -%}
    select
        count(*) - count(distinct node)
        + count(case when neighbour in (select node from {{ edges }}) then 1 end) as edge_count
    from {{ edges }}
{%- endmacro %}


{% macro drop_temporary_sql(table) -%}
    drop table if exists {{ table }}
{%- endmacro %}
