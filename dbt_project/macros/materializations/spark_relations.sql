{#- How relations, seeds and tests come about on Spark: as the adapter makes them, from statements as Spark spells them. -#}
{% macro spark__create_table_as(temporary, relation, compiled_code, language='sql') -%}
    {{ dbt.spark__create_table_as(temporary, relation, in_dialect(compiled_code), language) }}
{%- endmacro %}


{% macro spark__create_view_as(relation, sql) -%}
    {{ dbt.spark__create_view_as(relation, in_dialect(sql)) }}
{%- endmacro %}


{% macro spark__get_test_sql(main_sql, fail_calc, warn_if, error_if, limit) -%}
    {{ dbt.default__get_test_sql(in_dialect(main_sql), fail_calc, warn_if, error_if, limit) }}
{%- endmacro %}


{#- The types of a contract are written as everywhere else. -#}
{% macro spark__get_empty_schema_sql(columns) -%}
    {{ in_dialect(dbt.default__get_empty_schema_sql(columns)) }}
{%- endmacro %}


{#- What a contract says about nulls is tested. The adapter would alter the table, which files of Parquet do not know. -#}
{% macro spark__persist_constraints(relation, model) -%}
{%- endmacro %}


{#- A seed comes with its rows, all of them texts that are cast: the adapter itself writes None for an empty field and does not
    escape quotes. A quote is escaped by a backslash, since not all that speak Spark know it doubled. -#}
{% macro spark__create_csv_table(model, agate_table) -%}
    {%- set types = model['config'].get('column_types', {}) -%}
    {%- set names = agate_table.column_names -%}
    {%- set sql -%}
        create table {{ this.render() }} {{ file_format_clause() }} as
        select
            {%- for name in names %}
            cast({{ adapter.quote(name) }} as {{ types.get(name, adapter.convert_type(agate_table, loop.index0)) }}) as {{ adapter.quote(name) }}
            {{- ',' if not loop.last }}
            {%- endfor %}
        {%- if agate_table.rows | length %}
        from values
            {%- for row in agate_table.rows %}
            ({% for value in row %}{{ spark__literal(value) }}{{ ', ' if not loop.last }}{% endfor %}){{ ',' if not loop.last }}
            {%- endfor %}
            as delivered ({% for name in names %}{{ adapter.quote(name) }}{{ ', ' if not loop.last }}{% endfor %})
        {%- else %}
        from (
            select {% for name in names %}cast(null as varchar) as {{ adapter.quote(name) }}{{ ', ' if not loop.last }}{% endfor %}
        ) as delivered
        where false
        {%- endif %}
    {%- endset -%}
    {%- call statement('_') -%}
        {{ in_dialect(sql) }}
    {%- endcall -%}
    {{ return(sql) }}
{%- endmacro %}


{% macro spark__load_csv_rows(model, agate_table) -%}
    {{ return('-- the rows came with the table') }}
{%- endmacro %}


{% macro spark__literal(value) -%}
    {%- if value is none -%}
    cast(null as varchar)
    {%- else -%}
    '{{ value | string | replace('\\', '\\\\') | replace("'", "\\'") }}'
    {%- endif -%}
{%- endmacro %}


{#- dbt-spark knows its own incremental strategies only. -#}
{% macro dbt_spark_validate_get_incremental_strategy(raw_strategy, file_format) -%}
    {%- if raw_strategy != 'replace_keys' -%}
        {%- do exceptions.raise_compiler_error("Kehu's models are incremental by replace_keys, not by '" ~ raw_strategy ~ "'") -%}
    {%- endif -%}
    {{ return(raw_strategy) }}
{%- endmacro %}


{% macro dbt_spark_get_incremental_sql(strategy, source, target, existing, unique_key, incremental_predicates) -%}
    {{ get_incremental_replace_keys_sql({
        'target_relation': target,
        'temp_relation': source,
        'unique_key': unique_key,
        'dest_columns': adapter.get_columns_in_relation(target),
    }) }}
{%- endmacro %}
