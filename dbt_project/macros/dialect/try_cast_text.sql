{#- The value of a text column as a canonical type; null if the text is empty or is not such a value.

    column: the text as delivered. type: text, integer, decimal, rate, boolean, date or timestamp.
    timezone: a column or literal with the IANA zone of timestamps that carry no offset.

    text       trimmed of spaces; '' becomes null
    integer    '3' and '3.0', not '3.5'
    decimal    decimal(18, 6); '.' is the decimal point, a thousands separator is refused
    rate       decimal(18, 8)
    boolean    true/false, t/f, yes/no, y/n, 1/0 in any case
    date       2017-03-01, 2017/3/1, also in front of a time, which is dropped: the calendar date as written
    timestamp  in UTC, naive. 2017-03-01, 2017-03-01 10:00[:00[.123]], T or a space between; with an offset (Z, UTC, +02,
               +0200, +02:00) it is converted. Without one it is local time of `timezone`. A local time that a change to
               summer time skips counts as if the clock had not been changed yet (02:30 becomes 03:30 summer time); a
               local time that occurs twice in autumn is the later one, standard time. -#}
{% macro try_cast_text(column, type, timezone='_timezone') -%}
    {{ return(adapter.dispatch('try_cast_text')(column, type, timezone)) }}
{%- endmacro %}


{% macro duckdb__try_cast_text(column, type, timezone) -%}
    {%- if type == 'text' -%}
        nullif(trim({{ column }}), '')
    {%- elif type == 'decimal' -%}
        try_cast({{ column }} as decimal(18, 6))
    {%- elif type == 'rate' -%}
        try_cast({{ column }} as decimal(18, 8))
    {%- elif type == 'integer' -%}
        case
            when try_cast({{ column }} as decimal(18, 6)) = trunc(try_cast({{ column }} as decimal(18, 6)))
                then try_cast({{ column }} as bigint)
        end
    {%- elif type == 'boolean' -%}
        case
            when lower(trim({{ column }})) in ('true', 't', '1', 'yes', 'y') then true
            when lower(trim({{ column }})) in ('false', 'f', '0', 'no', 'n') then false
        end
    {%- elif type == 'date' -%}
        case
            when {{ column }} like '____-__-__' then try_cast({{ column }} as date)
            when regexp_full_match({{ column }}, '\s*\d{4}[-/]\d{1,2}[-/]\d{1,2}([T ]\d.*)?\s*')
                then try_cast({{ column }} as date)
        end
    {%- elif type == 'timestamp' -%}
        {{ duckdb__try_cast_timestamp(column, timezone) }}
    {%- else -%}
        {%- do exceptions.raise_compiler_error("try_cast_text knows no type '" ~ type ~ "'") -%}
    {%- endif -%}
{%- endmacro %}


{#- The common spellings by LIKE, which is a fifth of the price of a regular expression; the cast alone would take any
    rubbish after the time ('8:30:00 PM') for an offset and drop it. -#}
{% macro duckdb__try_cast_timestamp(column, timezone) -%}
        case
            when {{ column }} like '____-__-_____:__:__' and {{ timezone }} = 'UTC'
                then try_cast({{ column }} as timestamp)
            when {{ column }} like '____-__-_____:__:__%Z' and {{ column }} not like '% Z'
                then try_cast({{ column }} as timestamptz) at time zone 'UTC'
            when {{ column }} like '____-__-_____:__:__'
                then try_cast({{ column }} as timestamp) at time zone {{ timezone }} at time zone 'UTC'
            when
                regexp_full_match(
                    {{ column }}, '\s*\d{4}[-/]\d{1,2}[-/]\d{1,2}([T ]\d{1,2}:\d{2}(:\d{2}([.]\d+)?)?)?\s*'
                )
                then try_cast(trim({{ column }}) as timestamp) at time zone {{ timezone }} at time zone 'UTC'
            when
                regexp_full_match(
                    {{ column }},
                    '\s*\d{4}[-/]\d{1,2}[-/]\d{1,2}[T ]\d{1,2}:\d{2}(:\d{2}([.]\d+)?)? ?(Z|UTC|[-+]\d{2}(:?\d{2})?)\s*'
                )
                then
                    try_cast(
                        regexp_replace(replace(trim({{ column }}), 'UTC', 'Z'), ' ?(Z|[-+]\d{2}(:?\d{2})?)$', '\1')
                        as timestamptz
                    ) at time zone 'UTC'
        end
{%- endmacro %}


{#- On Postgres: the common spellings by a plain cast, everything else by the functions of dialect/postgres_functions.sql,
    which cost several times as much. -#}
{% macro postgres__try_cast_text(column, type, timezone) -%}
    {%- if type == 'text' -%}
        nullif({{ trimmed(column) }}, '')
    {%- elif type in ('decimal', 'rate') -%}
        case
            when {{ column }} ~ '^-?[0-9]{1,9}([.][0-9]{1,6})?$'
                then cast({{ column }} as decimal(18, {{ 6 if type == 'decimal' else 8 }}))
            else cast(kehu.try_decimal({{ column }}, {{ 6 if type == 'decimal' else 8 }}) as decimal(18, {{ 6 if type == 'decimal' else 8 }}))
        end
    {%- elif type == 'integer' -%}
        case
            when {{ column }} ~ '^-?[0-9]{1,12}$' then cast({{ column }} as bigint)
            when kehu.try_decimal({{ column }}, 6) = trunc(kehu.try_decimal({{ column }}, 6))
                then cast(kehu.try_decimal({{ column }}, 6) as bigint)
        end
    {%- elif type == 'boolean' -%}
        case
            when lower({{ trimmed(column) }}) in ('true', 't', '1', 'yes', 'y') then true
            when lower({{ trimmed(column) }}) in ('false', 'f', '0', 'no', 'n') then false
        end
    {%- elif type == 'date' -%}
        case
            when {{ column }} ~ '{{ postgres__common_date() }}$' then cast({{ column }} as date)
            else kehu.try_date({{ column }}, true)
        end
    {%- elif type == 'timestamp' -%}
        case
            when {{ column }} ~ '{{ postgres__common_date() }}({{ postgres__common_time() }})?$'
                then cast({{ column }} as timestamp) at time zone {{ timezone }} at time zone 'UTC'
            when {{ column }} ~ '{{ postgres__common_date() }}{{ postgres__common_time() }}(Z|[-+](0[0-9]|1[0-4]):[0-5][0-9])$'
                then cast({{ column }} as timestamptz) at time zone 'UTC'
            else kehu.try_moment({{ column }}, {{ timezone }})
        end
    {%- else -%}
        {%- do exceptions.raise_compiler_error("try_cast_text knows no type '" ~ type ~ "'") -%}
    {%- endif -%}
{%- endmacro %}


{#- Patterns of what a plain cast reads without failing: every day of the calendar but 29 February, and a time of that day. -#}
{% macro postgres__common_date() -%}
    ^(19|20)[0-9]{2}-((0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])|(0[13-9]|1[0-2])-(29|30)|(0[13578]|1[02])-31)
{%- endmacro %}


{% macro postgres__common_time() -%}
    [T ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]{1,6})?)?
{%- endmacro %}
