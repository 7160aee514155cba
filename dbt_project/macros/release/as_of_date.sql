{#- The as-of date D as a date literal: the only clock of the marts. Everything but a real calendar date written as
    YYYY-MM-DD is refused, so that nothing else can come into the SQL by this way. State models must not call it. Where no var says
    it, the target does whose name is a release: that is how an analyst's own dbt knows the day. -#}
{% macro as_of_date() -%}
    {%- if not execute -%}
        date '1970-01-01'
    {%- else -%}
        {%- set given = (var('as_of_date') or day_of_target()) | string -%}
        {%- if not modules.re.fullmatch('[0-9]{4}-[0-9]{2}-[0-9]{2}', given) -%}
            {%- do exceptions.raise_compiler_error("var as_of_date must be a date such as 2018-01-01, not '" ~ given ~ "'") -%}
        {%- endif -%}
        {%- set parsed = modules.datetime.datetime.strptime(given, '%Y-%m-%d') -%}
        date '{{ parsed.strftime("%Y-%m-%d") }}'
    {%- endif -%}
{%- endmacro %}


{% macro day_of_target() -%}
    {%- set found = modules.re.fullmatch('r([0-9]{4})([0-9]{2})([0-9]{2})_[0-9]{8}t[0-9]{6}', target.name) -%}
    {{ return('-'.join(found.groups()) if found else none) }}
{%- endmacro %}
