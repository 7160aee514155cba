{#- An e-mail address to match by: trimmed, lower case; null if it does not look like an address. -#}
{% macro normalised_email(email) -%}
    case
            when
                {{ trimmed(email) }} like '_%@_%._%'
                and {{ trimmed(email) }} not like '%@%@%'
                and {{ trimmed(email) }} not like '% %'
                then lower({{ trimmed(email) }})
        end
{%- endmacro %}
