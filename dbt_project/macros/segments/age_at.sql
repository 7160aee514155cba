{#- Age in whole years at the end of D. Somebody born on 29 February is a year older on 1 March of other years. -#}
{% macro age_at(birth_date) -%}
(
            extract(year from {{ as_of_date() }}) - extract(year from {{ birth_date }})
            - case
                when
                    100 * extract(month from {{ as_of_date() }}) + extract(day from {{ as_of_date() }})
                    < 100 * extract(month from {{ birth_date }}) + extract(day from {{ birth_date }})
                    then 1
                else 0
            end
        )
{%- endmacro %}
