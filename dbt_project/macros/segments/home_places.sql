{#- The spellings in a var, such as `China,CN,中国`, as literals in lower case with commas between; empty if it is not set. -#}
{% macro home_places(name) -%}
    {%- set literals = [] -%}
    {%- for spelling in ((var(name) or '') | string).split(',') -%}
        {%- if spelling.strip() -%}
            {%- do literals.append("'" ~ spelling.strip().lower().replace("'", "''") ~ "'") -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(literals | join(', ')) }}
{%- endmacro %}


{#- Whether a text is one of those places, in any case; null where none are given. -#}
{% macro is_one_of(column, places) -%}
{{ 'lower(' ~ column ~ ') in (' ~ places ~ ')' if places else 'cast(null as boolean)' }}
{%- endmacro %}
