{#- Incremental strategy: every key that the model's query names is deleted, and what the query says of it is put in its
    place. A key of which nothing is left comes as a row of nothing_left(): it is deleted and not put in.

    Config: unique_key, a column or a list of them; meta.never_null, a column that is null in no row but those. -#}
{% macro get_incremental_replace_keys_sql(arguments) -%}
    {{ replace_keys_sql(
        arguments['target_relation'],
        arguments['temp_relation'],
        key_columns(arguments['unique_key']),
        arguments['dest_columns'] | map(attribute='name') | list,
        (config.get('meta') or {}).get('never_null')
    ) }}
{%- endmacro %}


{#- Delete every key of `target` that `changed` names, and put the rows of `changed` in.

    never_null: a column that is null in the rows of nothing_left(), which are not put in. -#}
{% macro replace_keys_sql(target, changed, key, columns, never_null=none) -%}
    {{ return(adapter.dispatch('replace_keys_sql')(target, changed, key, columns, never_null)) }}
{%- endmacro %}


{% macro default__replace_keys_sql(target, changed, key, columns, never_null) -%}
    {%- set listed = get_quoted_csv(columns) -%}
    delete from {{ target }}
    where ({{ key | join(', ') }}) in (select {{ key | join(', ') }} from {{ changed }});

    insert into {{ target }} ({{ listed }})
    select {{ listed }}
    from {{ changed }}
    {%- if never_null %}
    where {{ never_null }} is not null
    {%- endif %}
{%- endmacro %}


{#- Two commits on Spark, in a format that can take rows out (Delta, Iceberg). A key may have many rows and may shrink, so it is no
    upsert. The rows are written down first, because their query reads the table that changes. -#}
{% macro spark__replace_keys_sql(target, changed, key, columns, never_null) -%}
    {%- set written = working_table(this.identifier ~ '__written') -%}
    {%- do run_statement(drop_working_table_sql(written)) -%}
    {%- do run_statement(create_working_table_sql(written, 'select * from ' ~ changed)) -%}
    {%- set forget -%}
        merge into {{ target }} as present
        using (select distinct {{ key | join(', ') }} from {{ written }}) as replaced
        on {% for column in key %}present.{{ column }} = replaced.{{ column }}{{ ' and ' if not loop.last }}{% endfor %}
        when matched then delete
    {%- endset -%}
    {%- do run_statement(forget) -%}
    {%- set write -%}
        insert into {{ target }}
        select {{ columns | join(', ') }}
        from {{ written }}
        {%- if never_null %}
        where {{ never_null }} is not null
        {%- endif %}
    {%- endset -%}
    {%- do run_statement(write) -%}
    {{ drop_working_table_sql(written) }}
{%- endmacro %}


{#- The select list of a row that says of a key that nothing of it is left; stands below a `union all`, and in an incremental
    run only. -#}
{% macro nothing_left(unique_key) -%}
    {%- for column in adapter.get_columns_in_relation(this) %}
        {%- if column.name in key_columns(unique_key) %}
        {{ column.name }}
        {%- else %}
        cast(null as {{ column.data_type }}) as {{ column.name }}
        {%- endif %}{{ ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}


{#- A config unique_key as a list of columns. -#}
{% macro key_columns(unique_key) -%}
    {{ return([unique_key] if unique_key is string else unique_key) }}
{%- endmacro %}
