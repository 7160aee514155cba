{#- Does the engine count as Kehu does? dbt asks for the schemas at the start of every build, before anything is made: that is when
    the session answers for its settings. One that was not heard would show in cents and days only. -#}
{% macro spark__list_schemas(database) -%}
    {%- do spark__assert_session_settings() -%}
    {{ return(dbt.spark__list_schemas(database)) }}
{%- endmacro %}


{% macro spark__assert_session_settings() -%}
    {%- set factors -%}
        cast(1.00000001 as decimal(28, 8)) * cast(1.000001 as decimal(18, 6)) * cast(1.00000001 as decimal(18, 8))
    {%- endset -%}
    {%- set query -%}
        select
            cast({{ factors }} as string) as product,
            typeof(cast('2000-01-01 00:00:00' as timestamp)) as timestamp_type,
            current_timezone() as time_zone
    {%- endset -%}
    {%- set found = run_query(query).rows[0] -%}
    {%- if found['product'] | string != '1.0000010200000201000001' -%}
        {%- do spark__raise_setting('spark.sql.decimalOperations.allowPrecisionLoss', 'false') -%}
    {%- elif found['timestamp_type'] != 'timestamp_ntz' -%}
        {%- do spark__raise_setting('spark.sql.timestampType', 'TIMESTAMP_NTZ') -%}
    {%- elif found['time_zone'] not in ('UTC', 'Etc/UTC') -%}
        {%- do spark__raise_setting('spark.sql.session.timeZone', 'UTC') -%}
    {%- endif -%}
{%- endmacro %}


{% macro spark__raise_setting(name, value) -%}
    {%- do exceptions.raise_compiler_error(
        'SessionSettingMissing: ' ~ name ~ ' is not ' ~ value
        ~ '; set it in the server_side_parameters of the profile, or amounts and days come out otherwise'
    ) -%}
{%- endmacro %}
