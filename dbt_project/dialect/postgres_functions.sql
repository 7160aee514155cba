-- Functions of schema `kehu` that the macros in macros/dialect/ call on Postgres, which has no try_cast before version 16.
-- Kehu runs this file when it opens the warehouse and the file is another one than the last time.
--
-- What each accepts is what duckdb__try_cast_text accepts; tests/integration/test_postgres_dialect.py holds the two against
-- each other.

-- A number as written (1, -1.5, .5, 1e3, 1_000, blanks around it) with so many decimals, rounded half away from zero; null
-- if the text is no number or has more than 18 digits then.
create or replace function kehu.try_decimal(value text, scale integer) returns numeric
language plpgsql immutable strict parallel safe as $$
declare
    number numeric;
begin
    if value !~ '^[ \t\n\v\f\r]*[+-]?([0-9]+(_[0-9]+)*([.]([0-9]+(_[0-9]+)*)?)?|[.][0-9]+(_[0-9]+)*)([eE][+-]?[0-9]+(_[0-9]+)*)?[ \t\n\v\f\r]*$'
        or length(value) > 400
        or length(substring(value from '[eE][+-]?[0_]*([0-9_]*)')) > 3
    then
        return null;
    end if;
    number := round(cast(replace(value, '_', '') as numeric), scale);
    return case when abs(number) < power(10::numeric, 18 - scale) then number end;
end
$$;

-- A calendar date with a time behind it or not, as naive timestamp; the offset behind the time is left out. Null if the text
-- is nothing of that. Digits beyond microseconds are cut.
create or replace function kehu.try_timestamp(value text) returns timestamp
language plpgsql immutable strict parallel safe as $$
declare
    part text[];
begin
    part := regexp_match(
        value,
        '^[ \t\n\v\f\r]*([0-9]{4})([-/])([0-9]{1,2})\2([0-9]{1,2})'
        '([T ]([0-9]{1,2}):([0-9]{1,2})(:([0-9]{1,2})([.]([0-9]{1,6})[0-9]*)?)? ?(Z|UTC|[-+][0-9]{2}(:?[0-9]{2})?)?)?[ \t\n\v\f\r]*$'
    );
    if part is null or part[9]::integer > 59 or part[7]::integer > 59 or part[6]::integer > 24 then
        return null;
    end if;
    if part[6]::integer = 24 and (part[7]::integer > 0 or coalesce(part[9], '0')::integer > 0 or coalesce(part[11], '0')::integer > 0) then
        return null;
    end if;
    return make_date(part[1]::integer, part[3]::integer, part[4]::integer)
        + make_interval(hours => coalesce(part[6], '0')::integer, mins => coalesce(part[7], '0')::integer)
        + coalesce(part[9], '0')::integer * interval '1 second'
        + rpad(coalesce(part[11], '0'), 6, '0')::integer * interval '1 microsecond';
exception
    when datetime_field_overflow then
        return null;
end
$$;

-- The calendar date written in a text, before a time of day or alone. What follows a time that is one does not matter. Null if
-- the text does not begin with a date. strict: exactly
-- one blank or T before the time, and 24:00 is of the day that it ends.
create or replace function kehu.try_date(value text, strict boolean) returns date
language plpgsql immutable strict parallel safe as $$
declare
    part text[];
begin
    part := regexp_match(
        value,
        '^[ \t\n\v\f\r]*([0-9]{4})([-/])([0-9]{1,2})\2([0-9]{1,2})'
        '([T ]( *)([0-9]{1,2}):([0-9]{1,2})(:([0-9]{1,2})([.][0-9]*)?)?(.*))?[ \t\n\v\f\r]*$'
    );
    if part is null
        or part[12] ~ '^[+-][0-9]([^0-9]|$)'
        or (strict and part[6] <> '')
        or part[7]::integer > 24 or part[8]::integer > 59 or part[10]::integer > 59
        or (part[7]::integer = 24 and (part[8]::integer > 0 or coalesce(part[10], '0')::integer > 0))
    then
        return null;
    end if;
    return make_date(part[1]::integer, part[3]::integer, part[4]::integer)
        + case when part[7]::integer = 24 and not strict then 1 else 0 end;
exception
    when datetime_field_overflow then
        return null;
end
$$;

-- A moment in UTC: the text's own offset, or else the zone's, is taken off. Null if the text is no such moment.
create or replace function kehu.try_moment(value text, zone text) returns timestamp
language plpgsql stable strict parallel safe as $$
declare
    local_time timestamp;
    part text[];
begin
    if value !~ (
        '^[ \t\n\f\r]*[0-9]{4}[-/][0-9]{1,2}[-/][0-9]{1,2}'
        '([T ][0-9]{1,2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?( ?(Z|UTC|[-+][0-9]{2}(:?[0-9]{2})?))?)?[ \t\n\f\r]*$'
    )
    then
        return null;
    end if;
    local_time := kehu.try_timestamp(value);
    part := regexp_match(value, ':[0-9]{2}(?:[.][0-9]+)? ?(?:(Z|UTC)|([-+])([0-9]{2}):?([0-9]{2})?)[ \t\n\f\r]*$');
    if part is null then
        return local_time at time zone zone at time zone 'UTC';
    end if;
    return local_time
        - coalesce(part[2] || '1', '1')::integer
        * make_interval(hours => coalesce(part[3], '0')::integer, mins => coalesce(part[4], '0')::integer);
end
$$;
