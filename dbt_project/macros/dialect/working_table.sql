{#- A table that a materialization needs for a moment: a temporary one where the engine has such. `working_table` is how it is
    named in SQL, from the name of what it belongs to. -#}
{% macro working_table(name) -%}
    {{ return(adapter.dispatch('working_table')(name)) }}
{%- endmacro %}


{% macro default__working_table(name) -%}
    {{ return(name) }}
{%- endmacro %}


{#- Spark has no temporary tables: it lies beside the model until it is dropped. -#}
{% macro spark__working_table(name) -%}
    {{ return(this.schema ~ '.' ~ name) }}
{%- endmacro %}


{#- The statement that makes a working table of a query. -#}
{% macro create_working_table_sql(table, query) -%}
    {{ return(adapter.dispatch('create_working_table_sql')(table, query)) }}
{%- endmacro %}


{% macro default__create_working_table_sql(table, query) -%}
    create temporary table {{ table }} as
    {{ query }}
{%- endmacro %}


{% macro spark__create_working_table_sql(table, query) -%}
    create table {{ table }} {{ file_format_clause() }} as
    {{ in_dialect(query) }}
{%- endmacro %}


{#- The statement that takes it away. -#}
{% macro drop_working_table_sql(table) -%}
    drop table if exists {{ table }}
{%- endmacro %}


{#- Run a statement whose rows nobody wants, in the transaction that the next adapter.commit() ends. What Spark would give is a
    row count, in a type that not every client reads. -#}
{% macro run_statement(sql) -%}
    {%- call statement('run_statement') -%}
        {{ sql }}
    {%- endcall -%}
{%- endmacro %}
