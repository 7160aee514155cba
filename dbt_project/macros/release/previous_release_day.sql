{#- The as-of date, as a date literal, of the release published last among those before D; none if there is none. -#}
{% macro previous_release_day() -%}
    {%- set query -%}
        select cast(as_of_date as varchar) as day
        from {{ source('ops', 'releases') }}
        where
            event = 'published'
            and as_of_date < {{ as_of_date() }}
        order by happened_at desc
        limit 1
    {%- endset -%}
    {%- set found = run_query(in_dialect(query)).columns[0].values() if execute else [] -%}
    {{ return("date '" ~ found[0] ~ "'" if found else none) }}
{%- endmacro %}
