{#- An e-mail address to match by: trimmed, lower case; null if it does not look like an address. -#}
{% macro normalised_email(email) -%}
    case
            when
                trim({{ email }}) like '_%@_%._%'
                and trim({{ email }}) not like '%@%@%'
                and trim({{ email }}) not like '% %'
                then lower(trim({{ email }}))
        end
{%- endmacro %}
