{#- Incremental strategy: every key that the model's query names is deleted, and what the query says of it is put in its
    place. A key of which nothing is left comes as a row of nothing_left(): it is deleted and not put in.

    Config: unique_key, a column or a list of them; meta.never_null, a column that is null in no row but those. -#}
{% macro get_incremental_replace_keys_sql(arguments) -%}
    {%- set key = key_columns(arguments['unique_key']) | join(', ') -%}
    {%- set columns = get_quoted_csv(arguments['dest_columns'] | map(attribute='name')) -%}
    delete from {{ arguments['target_relation'] }}
    where ({{ key }}) in (select {{ key }} from {{ arguments['temp_relation'] }});

    insert into {{ arguments['target_relation'] }} ({{ columns }})
    select {{ columns }}
    from {{ arguments['temp_relation'] }}
    where {{ config.get('meta')['never_null'] }} is not null
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
