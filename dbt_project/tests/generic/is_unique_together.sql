{#- No two rows agree in all of the columns. A row of the result is a combination that occurs more than once. -#}
{% test is_unique_together(model, columns) %}

select
    {{ columns | join(', ') }},
    count(*) as occurrences
from {{ model }}
group by {{ columns | join(', ') }}
having count(*) > 1

{% endtest %}
