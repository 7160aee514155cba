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
