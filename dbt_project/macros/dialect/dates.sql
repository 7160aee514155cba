{#- Whole days from one date to another; negative if `later` is before `earlier`. -#}
{% macro days_between(earlier, later) -%}
    {{ return(adapter.dispatch('days_between')(earlier, later)) }}
{%- endmacro %}


{% macro default__days_between(earlier, later) -%}
    (cast({{ later }} as date) - cast({{ earlier }} as date))
{%- endmacro %}


{% macro duckdb__days_between(earlier, later) -%}
    date_diff('day', cast({{ earlier }} as date), cast({{ later }} as date))
{%- endmacro %}


{% macro spark__days_between(earlier, later) -%}
    datediff(cast({{ later }} as date), cast({{ earlier }} as date))
{%- endmacro %}


{#- A date so many days later (earlier if negative). -#}
{% macro add_days(day, days) -%}
    {{ return(adapter.dispatch('add_days')(day, days)) }}
{%- endmacro %}


{% macro default__add_days(day, days) -%}
    (cast({{ day }} as date) + cast({{ days }} as integer))
{%- endmacro %}


{#- The first day of the month of a date or timestamp, as a date. -#}
{% macro month_start(day) -%}
    cast(date_trunc('month', {{ day }}) as date)
{%- endmacro %}


{#- The first day of the month that is so many months later (earlier if negative). -#}
{% macro add_months(month, months) -%}
    {{ return(adapter.dispatch('add_months')(month, months)) }}
{%- endmacro %}


{% macro default__add_months(month, months) -%}
    cast({{ month_start(month) }} + ({{ months }}) * interval '1' month as date)
{%- endmacro %}


{% macro spark__add_months(month, months) -%}
    cast(add_months({{ month_start(month) }}, cast({{ months }} as integer)) as date)
{%- endmacro %}


{#- The last day of the month of a date. -#}
{% macro month_end(day) -%}
    cast({{ month_start(day) }} + interval '1' month - interval '1' day as date)
{%- endmacro %}


{#- Whole calendar months from the month of one date to the month of another: 0 within the same month. -#}
{% macro months_between(earlier, later) -%}
    (
        (extract(year from {{ later }}) - extract(year from {{ earlier }})) * 12
        + extract(month from {{ later }}) - extract(month from {{ earlier }})
    )
{%- endmacro %}


{#- The day of the week, 1 on Mondays to 7 on Sundays: counted from a Monday, because engines disagree about the name. -#}
{% macro iso_day_of_week(day) -%}
    (mod(mod({{ days_between("date '1969-12-29'", day) }}, 7) + 7, 7) + 1)
{%- endmacro %}


{#- The year of ISO 8601 that a day's week belongs to: that of the week's Thursday. -#}
{% macro iso_year(day) -%}
    extract(year from {{ add_days(day, '4 - ' ~ iso_day_of_week(day)) }})
{%- endmacro %}
