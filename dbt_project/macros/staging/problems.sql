{#- Branches of the `case` that names the first problem of a row, in column order. A reason begins with the name of the
    column, or with `row` where the row as a whole could not be taken apart. All expect what `typed` selects. -#}

{#- Landing could not parse the row. -#}
{% macro when_unreadable() -%}
    when _error is not null then '{{ unreadable() }}'
{%- endmacro %}


{#- The reason of such a row. -#}
{% macro unreadable() -%}
    row could not be parsed
{%- endmacro %}


{#- A text that must be there is not. `delivered` is the column that holds it, where that has another name. -#}
{% macro when_missing(column, delivered=none) -%}
    when {{ delivered or column }} is null then '{{ column }} is missing'
{%- endmacro %}


{#- A value was delivered that cannot be cast; a required one may not be empty either. -#}
{% macro when_not_a(type, column, required=false) -%}
    {%- if required -%}
    when {{ column }} is null and coalesce({{ trimmed(column ~ '_text') }}, '') = '' then '{{ column }} is missing'
            when {{ column }} is null then '{{ column }} is not {{ 'an' if type == 'integer' else 'a' }} {{ type }}'
    {%- else -%}
    when {{ column }} is null and {{ trimmed(column ~ '_text') }} <> '' then '{{ column }} is not {{ 'an' if type == 'integer' else 'a' }} {{ type }}'
    {%- endif -%}
{%- endmacro %}


{#- A shop's event of the year 1 is a placeholder, and one of them would give every calendar a row for each day since. -#}
{% macro when_before_1970(column) -%}
    when {{ column }} < timestamp '1970-01-01 00:00:00' then '{{ column }} is before 1970'
{%- endmacro %}
