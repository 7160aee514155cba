{#- Rounds over the table of edges until every component is a star around its smallest node.

    The large star and small star operations of Kiveris, Lattanzi, Mirrokni, Rastogi and Vassilvitskii, "Connected Components
    in MapReduce and Beyond", SoCC 2014, alternate. Small components take no more than a handful of rounds, a chain about the
    logarithm of its length. A round is a few plain statements over working tables. Nothing but `run_query` and `statement` is
    needed of dbt, so that tests and bench run the same statements. -#}
{% macro find_stars(edges, stars, max_rounds) -%}
    {%- set ns = namespace(left=run_query(unfinished_sql(edges)).columns[0].values()[0]) -%}
    {%- for round in range(max_rounds) -%}
        {%- if ns.left > 0 -%}
            {%- do run_statement(large_star_sql(edges, stars)) -%}
            {%- do run_statement(drop_working_table_sql(edges)) -%}
            {%- do run_statement(small_star_sql(stars, edges)) -%}
            {%- do run_statement(drop_working_table_sql(stars)) -%}
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
    {%- set edges_given -%}
    select distinct
        greatest(node, neighbour) as node,
        least(node, neighbour) as neighbour
    from ({{ query }}) as given
    where node <> neighbour
    {%- endset -%}
    {{ create_working_table_sql(edges, edges_given) }}
{%- endmacro %}


{#- Every node sends its larger neighbours to its smallest one. -#}
{% macro large_star_sql(edges, stars) -%}
    {%- set large_stars -%}
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
    {%- endset -%}
    {{ create_working_table_sql(stars, large_stars) }}
{%- endmacro %}


{#- Every node sends itself and its smaller neighbours to the smallest one. -#}
{% macro small_star_sql(stars, edges) -%}
    {%- set small_stars -%}
    with smallest as (
        select node, min(neighbour) as neighbour from {{ stars }} group by node
    )

    select node, neighbour from smallest
    union
    select large.neighbour as node, smallest.neighbour
    from {{ stars }} as large
    inner join smallest on large.node = smallest.node
    where large.neighbour > smallest.neighbour
    {%- endset -%}
    {{ create_working_table_sql(edges, small_stars) }}
{%- endmacro %}


{#- How many edges keep the graph from being stars: those to a node that has a smaller one, and a node's edges but one. -#}
{% macro unfinished_sql(edges) -%}
    select count(*) - count(distinct edges.node) + count(nodes.node) as edge_count
    from {{ edges }} as edges
    left join (select distinct node from {{ edges }}) as nodes
        on edges.neighbour = nodes.node
{%- endmacro %}
