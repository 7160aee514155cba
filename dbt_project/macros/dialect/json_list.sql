{#- The texts of a group as a JSON list in a fixed order: unlike a list with commas, whatever the texts hold. -#}
{% macro json_list(expression, order_by) -%}
    '[' || {{ string_list(json_string(expression), order_by=order_by) }} || ']'
{%- endmacro %}


{#- A text as a string of JSON. Written with chr, since engines differ in what a backslash in a literal means. -#}
{% macro json_string(expression) -%}
    {%- set written = namespace(sql=expression) -%}
    {%- for code, letter in [(92, none), (34, none), (8, 'b'), (9, 't'), (10, 'n'), (12, 'f'), (13, 'r')] -%}
        {%- set escape = "chr(92) || " ~ ("'" ~ letter ~ "'" if letter else "chr(" ~ code ~ ")") -%}
        {%- set written.sql = "replace(" ~ written.sql ~ ", chr(" ~ code ~ "), " ~ escape ~ ")" -%}
    {%- endfor -%}
    '"' || {{ written.sql }} || '"'
{%- endmacro %}
