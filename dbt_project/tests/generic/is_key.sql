{#-
The columns identify a row: all of them are filled, and no two rows agree in all. One test a key, where dbt's own unique
and not_null would be one a column: a node of dbt costs more than its query. A row of the result is a key that is wrong.
-#}
{% test is_key(model, columns) %}

select
    {{ columns | join(', ') }},
    count(*) as occurrences
from {{ model }}
group by {{ columns | join(', ') }}
having
    count(*) > 1
    {%- for column in columns %}
    or {{ column }} is null
    {%- endfor %}

{% endtest %}
