{#- Whether a delivered day of birth is one: not before 1900 and not after D. -#}
{% macro is_birth_date(column) -%}
    ({{ column }} >= date '1900-01-01' and {{ column }} <= {{ as_of_date() }})
{%- endmacro %}


{#- Whether a date is a first of January, which many systems write where nobody knows the day. -#}
{% macro is_first_of_january(column) -%}
    (extract(month from {{ column }}) = 1 and extract(day from {{ column }}) = 1)
{%- endmacro %}


{#- The next anniversary of a date after D, as a date; null where the date is null or not before D. Of 29 February it is the var
    leap_birthday in years without one. -#}
{% macro next_anniversary(column) -%}
    case
            when {{ column }} < {{ as_of_date() }} and {{ anniversary_in(column, 0) }} > {{ as_of_date() }}
                then {{ anniversary_in(column, 0) }}
            when {{ column }} < {{ as_of_date() }} then {{ anniversary_in(column, 1) }}
        end
{%- endmacro %}


{#- The anniversary of a date in the year of D or so many years later: months are counted and the day is set behind them, so that
    nothing depends on what an engine makes of 29 February. -#}
{% macro anniversary_in(column, years) -%}
    {%- set month = add_months(
        "date '" ~ as_of_year() ~ "-01-01'", 12 * years ~ ' + cast(extract(month from ' ~ column ~ ') as integer) - 1'
    ) -%}
    {%- set year = as_of_year() | int + years -%}
    {%- set is_leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) -%}
    {%- set day = 'cast(extract(day from ' ~ column ~ ') as integer) - 1' -%}
    {%- if not is_leap -%}
        {%- set day = 'case when extract(month from ' ~ column ~ ') = 2 and extract(day from ' ~ column ~ ') = 29 then '
            ~ (27 if var('leap_birthday') == '02-28' else 28) ~ ' else ' ~ day ~ ' end' -%}
    {%- endif -%}
    {{ add_days(month, day) }}
{%- endmacro %}


{#- The year of D, four digits. -#}
{% macro as_of_year() -%}
    {{ modules.re.search('[0-9]{4}', as_of_date()).group(0) }}
{%- endmacro %}


{#- After how many days without a word a customer is followed up, by the tier of service. -#}
{% macro follow_up_days() -%}
    case service_tier
            when 'dedicated' then {{ var('follow_up_dedicated_days') }}
            when 'regular' then {{ var('follow_up_regular_days') }}
            else {{ var('follow_up_automated_days') }}
        end
{%- endmacro %}
