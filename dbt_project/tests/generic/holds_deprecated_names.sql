{#- Each deprecated column holds what the column of its new name does.

    columns: the new name by the deprecated one. -#}
{% test holds_deprecated_names(model, columns) %}

select *
from {{ model }}
where
    {%- for old, new in columns.items() %}
    {{ adapter.quote(old) }} is distinct from {{ new }}{{ ' or' if not loop.last }}
    {%- endfor %}

{% endtest %}
