{#- The local date, in the business time zone (var timezone), of a timestamp in UTC. -#}
{% macro business_date(timestamp_utc) -%}
    {{ return(adapter.dispatch('business_date')(timestamp_utc)) }}
{%- endmacro %}


{% macro default__business_date(timestamp_utc) -%}
    {%- if var('timezone') == 'UTC' -%}
        cast({{ timestamp_utc }} as date)
    {%- else -%}
        cast(({{ timestamp_utc }} at time zone 'UTC') at time zone '{{ time_zone_name() }}' as date)
    {%- endif -%}
{%- endmacro %}


{#- The var timezone, refused if it could be anything but a name. -#}
{% macro time_zone_name() -%}
    {%- set given = var('timezone') -%}
    {%- if not modules.re.fullmatch('[A-Za-z0-9_+/-]+', given) -%}
        {%- do exceptions.raise_compiler_error("var timezone must be a name such as Europe/Berlin, not '" ~ given ~ "'") -%}
    {%- endif -%}
    {{ return(given) }}
{%- endmacro %}


{#- The var reporting_currency, refused if it is not a three-letter code. -#}
{% macro reporting_currency() -%}
    {%- set given = var('reporting_currency') -%}
    {%- if not modules.re.fullmatch('[A-Z]{3}', given) -%}
        {%- do exceptions.raise_compiler_error("var reporting_currency must be a code such as EUR, not '" ~ given ~ "'") -%}
    {%- endif -%}
    {{ return(given) }}
{%- endmacro %}


{#- Spark counts a timestamp without a zone as UTC here, because the session's zone is UTC (see spark_session.sql). -#}
{% macro spark__business_date(timestamp_utc) -%}
    {%- if var('timezone') == 'UTC' -%}
        cast({{ timestamp_utc }} as date)
    {%- else -%}
        cast(from_utc_timestamp({{ timestamp_utc }}, '{{ time_zone_name() }}') as date)
    {%- endif -%}
{%- endmacro %}
