{#- A query of one column, a date: every day from first to last, both included; no row if last is before first or one is
    null. The arguments are expressions without columns, or scalar subqueries in parentheses. -#}
{% macro day_series(first_day, last_day, column='day') -%}
    {{ return(adapter.dispatch('date_series')(first_day, last_day, column, 'day')) }}
{%- endmacro %}


{#- A query of one column, a date: the first day of every month from that of first to that of last, both included. -#}
{% macro month_series(first_day, last_day, column='month') -%}
    {{ return(adapter.dispatch('date_series')(month_start(first_day), month_start(last_day), column, 'month')) }}
{%- endmacro %}


{% macro default__date_series(first_day, last_day, column, unit) -%}
    select cast(series.point as date) as {{ column }}
    from generate_series(cast({{ first_day }} as timestamp), cast({{ last_day }} as timestamp), interval '1' {{ unit }})
        as series (point)
{%- endmacro %}


{#- A table function of timestamps, one a day from first to last, whose arguments may be columns of tables before it in
    the `from` clause. -#}
{% macro timestamp_series(first_day, last_day) -%}
    {{ return(adapter.dispatch('timestamp_series')(first_day, last_day)) }}
{%- endmacro %}


{% macro default__timestamp_series(first_day, last_day) -%}
    generate_series(cast({{ first_day }} as timestamp), cast({{ last_day }} as timestamp), interval '1' day)
{%- endmacro %}


{#- Not by spark__rising_sequence(): Spark allows no scalar subquery in a function of functions. -#}
{% macro spark__date_series(first_day, last_day, column, unit) -%}
    {%- set first, last = 'cast(' ~ first_day ~ ' as date)', 'cast(' ~ last_day ~ ' as date)' -%}
    select series.{{ column }}
    from (
        select explode(sequence({{ first }}, greatest({{ first }}, {{ last }}), interval '1' {{ unit }})) as {{ column }}
    ) as series
    where series.{{ column }} <= {{ last }}
{%- endmacro %}


{% macro spark__timestamp_series(first_day, last_day) -%}
    explode({{ spark__rising_sequence('cast(' ~ first_day ~ ' as date)', 'cast(' ~ last_day ~ ' as date)', "interval '1' day") }})
{%- endmacro %}


{#- An array from first to last, empty where last is before first: Spark's sequence() would run backwards, or refuse. -#}
{% macro spark__rising_sequence(first, last, step='1') -%}
    filter(sequence({{ first }}, greatest({{ first }}, {{ last }}), {{ step }}), point -> point <= {{ last }})
{%- endmacro %}
