{#- try_cast_text on Spark. Texts are taken apart by regular expressions and put together in the one spelling that every engine
    which speaks Spark's SQL casts alike; the common spellings come first. Only try_cast() is used: an engine may
    compute a branch of a `case` that it does not take. Patterns end in \z, because $ also stands before a last line end. -#}
{% macro spark__try_cast_text(column, type, timezone) -%}
    {%- if type == 'text' -%}
        nullif({{ trimmed(column) }}, '')
    {%- elif type in ('decimal', 'rate') -%}
        {{ spark__try_decimal(column, 6 if type == 'decimal' else 8) }}
    {%- elif type == 'integer' -%}
        case
            when {{ column }} rlike '^-?[0-9]{1,12}\\z' then try_cast({{ column }} as bigint)
            else {{ spark__with(spark__try_decimal(column, 6), 'number', 'case when number = floor(number) then try_cast(number as bigint) end') }}
        end
    {%- elif type == 'boolean' -%}
        case
            when lower({{ trimmed(column) }}) in ('true', 't', '1', 'yes', 'y') then true
            when lower({{ trimmed(column) }}) in ('false', 'f', '0', 'no', 'n') then false
        end
    {%- elif type == 'date' -%}
        {{ spark__try_date(column, true) }}
    {%- elif type == 'timestamp' -%}
        {{ spark__try_timestamp(column, timezone) }}
    {%- else -%}
        {%- do exceptions.raise_compiler_error("try_cast_text knows no type '" ~ type ~ "'") -%}
    {%- endif -%}
{%- endmacro %}


{#- An expression over the value of another one, which is computed once and called `name` in it. -#}
{% macro spark__with(value, name, expression) -%}
    get(transform(array({{ value }}), {{ name }} -> {{ expression }}), 0)
{%- endmacro %}


{#- An array of what the groups of a pattern found in a text that it fits, '' where a group found nothing. -#}
{% macro spark__groups(text, pattern, groups) -%}
    split(regexp_replace({{ text }}, '{{ pattern }}', '{% for group in groups %}${{ group }}{{ '|' if not loop.last }}{% endfor %}'), '[|]')
{%- endmacro %}


{#- What counts as a blank around numbers and dates. -#}
{% macro spark__blank() -%}
    [ \\t\\n\\x0B\\f\\r]
{%- endmacro %}


{#- A number as written (1, -1.5, .5, 1e3, 1_000, blanks around it), rounded half away from zero. The digits are written
    anew with the point where the exponent says. -#}
{% macro spark__try_decimal(column, scale) -%}
    {%- set digits = '[0-9]+(_[0-9]+)*' -%}
    {%- set blank = spark__blank() -%}
    {%- set spelling -%}
        ^{{ blank }}*[+-]?({{ digits }}([.]({{ digits }})?)?|[.]{{ digits }})([eE][+-]?{{ digits }})?{{ blank }}*\\z
    {%- endset -%}
    {%- set parts = spark__groups(
        "replace(" ~ column ~ ", '_', '')",
        '^' ~ blank ~ '*([+-]?)([0-9]*)[.]?([0-9]*)([eE][+]?(-?)0*([0-9]*))?' ~ blank ~ '*\\\\z',
        [1, 2, 3, 5, 6]
    ) -%}
    {%- set place = "length(part[1]) + coalesce(try_cast(part[3] || part[4] as integer), 0)" -%}
    {%- set written -%}
        case
                        when length(part[4]) <= 3
                            then try_cast(
                                case when part[0] = '-' then '-0' else '0' end
                                || case
                                    when {{ place }} <= 0
                                        then '.' || substr(
                                            repeat('0', least(-({{ place }}), {{ scale + 1 }})) || part[1] || part[2], 1, {{ scale + 1 }}
                                        )
                                    else
                                        regexp_replace(
                                            substr(rpad(part[1] || part[2], {{ place }}, '0'), 1, {{ place }}), '^0+', ''
                                        )
                                        || '.' || substr(part[1] || part[2], {{ place }} + 1, {{ scale + 1 }})
                                end || '0'
                                as decimal(18, {{ scale }})
                            )
                    end
    {%- endset -%}
    case
            when {{ column }} rlike '^-?[0-9]{1,9}([.][0-9]{1,6})?\\z' then try_cast({{ column }} as decimal(18, {{ scale }}))
            when length({{ column }}) <= 400 and {{ column }} rlike '{{ spelling }}'
                then {{ spark__with(parts, 'part', written) }}
        end
{%- endmacro %}


{#- The calendar date written in a text, before a time of day or alone. What follows a time that is one does not matter.
    strict: exactly one blank or T before the time, and 24:00 is of the day that it ends. -#}
{% macro spark__try_date(column, strict) -%}
    {%- set blank = spark__blank() -%}
    {%- set pattern -%}
        (?s)^{{ blank }}*([0-9]{4})(-([0-9]{1,2})-|/([0-9]{1,2})/)([0-9]{1,2})([T ]( *)([0-9]{1,2}):([0-9]{1,2})(:([0-9]{1,2})([.][0-9]*)?)?(([+-][0-9]([^0-9]|\\z))?.*))?{{ blank }}*\\z
    {%- endset -%}
    {%- set parts = spark__groups(column, pattern, [1, 3, 4, 5, 7, 8, 9, 11, 14]) -%}
    {%- set day -%}
        case
                        when
                            part[8] = ''
                            {%- if strict %}
                            and part[4] = ''
                            {%- endif %}
                            and {{ spark__is_time('part[5]', 'part[6]', 'part[7]') }}
                            then
                                {%- if strict %}
                                {{ spark__day('part[0]', 'part[1] || part[2]', 'part[3]') }}
                                {%- else %}
                                date_add(
                                    {{ spark__day('part[0]', 'part[1] || part[2]', 'part[3]') }},
                                    case when part[5] = '24' then 1 else 0 end
                                )
                                {%- endif %}
                    end
    {%- endset -%}
    case
            when {{ column }} rlike '^[0-9]{4}-[0-9]{2}-[0-9]{2}\\z' then try_cast({{ column }} as date)
            when {{ column }} rlike '{{ pattern }}' then {{ spark__with(parts, 'part', day) }}
        end
{%- endmacro %}


{#- A moment in UTC: the text's own offset, or else the zone's, is taken off. -#}
{% macro spark__try_timestamp(column, timezone) -%}
    {%- set pattern -%}
        ^[ \\t\\n\\f\\r]*([0-9]{4})(-([0-9]{1,2})-|/([0-9]{1,2})/)([0-9]{1,2})([T ]([0-9]{1,2}):([0-9]{2})(:([0-9]{2})([.]([0-9]{1,6})[0-9]*)?)?( ?(Z|UTC|([-+])([0-9]{2})(:?([0-9]{2}))?))?)?[ \\t\\n\\f\\r]*\\z
    {%- endset -%}
    {%- set parts = spark__groups(column, pattern, [1, 3, 4, 5, 7, 8, 10, 12, 14, 15, 16, 18]) -%}
    {%- set local -%}
        case
                        when
                            {{ spark__is_time('part[4]', 'part[5]', 'part[6]', 'part[7]') }}
                            then
                                cast({{ spark__day('part[0]', 'part[1] || part[2]', 'part[3]') }} as timestamp)
                                + make_dt_interval(
                                    0,
                                    {{ spark__number('part[4]') }},
                                    {{ spark__number('part[5]') }},
                                    cast(lpad(part[6], 2, '0') || '.' || rpad(part[7], 6, '0') as decimal(18, 6))
                                )
                    end
    {%- endset -%}
    {%- set offset -%}
        make_dt_interval(0, {{ spark__number('part[10]') }}, {{ spark__number('part[11]') }}, 0)
    {%- endset -%}
    {%- set moment -%}
        case
                        when part[9] = '-' then written + {{ offset }}
                        when part[8] <> '' then written - {{ offset }}
                        else {{ spark__utc_of('written', timezone) }}
                    end
    {%- endset -%}
    case
            when
                {{ timezone }} = 'UTC'
                and {{ column }} rlike '^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\\z'
                then try_cast({{ column }} as timestamp)
            when {{ column }} rlike '{{ pattern }}'
                then {{ spark__with(parts, 'part', spark__with(local, 'written', moment)) }}
        end
{%- endmacro %}


{#- The moment in UTC of a local time. Of a local time that occurs twice it is the later moment; one that never was counts by
    the offset before. Only the way from UTC is asked of the engine, since it leaves nothing to choose: a day later and a
    day before, both offsets are known. -#}
{% macro spark__utc_of(local, timezone) -%}
    {%- set day = "interval '24' hour" -%}
    {%- set by_later = local ~ ' + ((' ~ local ~ ' + ' ~ day ~ ') - ' ~ spark__local_of(local ~ ' + ' ~ day, timezone) ~ ')' -%}
    {%- set by_earlier = local ~ ' + ((' ~ local ~ ' - ' ~ day ~ ') - ' ~ spark__local_of(local ~ ' - ' ~ day, timezone) ~ ')' -%}
    case
                            when {{ timezone }} = 'UTC' then {{ local }}
                            when {{ spark__local_of(by_later, timezone) }} = {{ local }} then {{ by_later }}
                            else {{ by_earlier }}
                        end
{%- endmacro %}


{% macro spark__local_of(moment, timezone) -%}
    cast(from_utc_timestamp({{ moment }}, {{ timezone }}) as timestamp)
{%- endmacro %}


{#- A date of its digits; null if the calendar has none such. -#}
{% macro spark__day(year, month, day) -%}
    try_cast({{ year }} || '-' || lpad({{ month }}, 2, '0') || '-' || lpad({{ day }}, 2, '0') as date)
{%- endmacro %}


{#- Whether digits are a time of day, 24:00 included; a part that is not there is 0. -#}
{% macro spark__is_time(hours, minutes, seconds, fraction="''") -%}
    {{ spark__number(minutes) }} <= 59
                            and {{ spark__number(seconds) }} <= 59
                            and (
                                {{ spark__number(hours) }} < 24
                                or {{ hours }} = '24' and regexp_replace({{ minutes }} || {{ seconds }} || {{ fraction }}, '0', '') = ''
                            )
{%- endmacro %}


{#- The number of digits that may be missing. -#}
{% macro spark__number(digits) -%}
    coalesce(try_cast(nullif({{ digits }}, '') as integer), 0)
{%- endmacro %}
