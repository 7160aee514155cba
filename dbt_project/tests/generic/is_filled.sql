{#- None of the columns is empty in any row. A row of the result is a column with the number of rows in which it is. -#}
{% test is_filled(model, columns) %}

with counted as (

    select
        {%- for column in columns %}
        count(*) filter (where {{ column }} is null) as empty_{{ loop.index }},
        {%- endfor %}
        count(*) as row_count
    from {{ model }}

)

{% for column in columns -%}
select
    '{{ column | replace('"', '') }}' as column_name,
    empty_{{ loop.index }} as empty_rows
from counted
where empty_{{ loop.index }} > 0
{% if not loop.last %}
union all

{% endif %}
{%- endfor %}

{% endtest %}
