{#- The queries of macros/stages say what holds at the end of a day. With `each`, the name of a column, they say it of many days
    at once: every relation carries the column, and what is counted, ranked or joined stays within one day of it. -#}

{#- `each,` for a select list or a partition, of a relation or bare; nothing without `each`. -#}
{% macro each_day(each, relation=none) -%}
{%- if each -%}
{{ relation ~ '.' if relation }}{{ each }},
{%- endif -%}
{%- endmacro %}


{#- The condition that two relations speak of one day, to be added to others. -#}
{% macro and_same_day(each, left, right) -%}
{%- if each -%}
and {{ left }}.{{ each }} = {{ right }}.{{ each }}
{%- endif -%}
{%- endmacro %}


{#- A join to a relation that has one row a day, or one row. -#}
{% macro join_day(each, left, right) -%}
{%- if each -%}
inner join {{ right }}
        on {{ left }}.{{ each }} = {{ right }}.{{ each }}
{%- else -%}
cross join {{ right }}
{%- endif -%}
{%- endmacro %}


{#- `partition by` the day, in a window. -#}
{% macro by_day(each) -%}
{{ 'partition by ' ~ each if each }}
{%- endmacro %}


{#- `group by` the day, at the end of a query that has one row a day. -#}
{% macro group_by_day(each) -%}
{{ 'group by ' ~ each if each }}
{%- endmacro %}
