{#- A text column in which each placeholder `{name_of_a_var}` is replaced by the value in force.

    names: the vars to look for, out of vars_named_in(). -#}
{% macro with_vars_in_force(column, names) -%}
    {%- set ns = namespace(sql=column) -%}
    {%- for name in names -%}
        {%- set value = 'unlimited' if var(name) is none else var(name) | string -%}
        {%- set ns.sql = "replace(" ~ ns.sql ~ ", '{" ~ name ~ "}', '" ~ value | replace("'", "''") ~ "')" -%}
    {%- endfor -%}
    {{ ns.sql }}
{%- endmacro %}


{#- The vars that the texts of a relation name as `{name_of_a_var}`, with commas between. A name that is no var, or one whose
    value is no single value, is an error that says so. -#}
{% macro vars_named_in(relation, columns) -%}
    {%- set names = [] -%}
    {%- if execute -%}
        {%- set query -%}
            select distinct {{ columns | join(" || ' ' || ") }} as texts
            from {{ relation }}
            where position('{' in {{ columns | join(" || ' ' || ") }}) > 0
        {%- endset -%}
        {%- for text in run_query(query).columns[0].values() -%}
            {%- for name in modules.re.findall('\\{(\\w+)\\}', text) -%}
                {%- set value = var(name) -%}
                {%- if value is mapping or (value is iterable and value is not string) -%}
                    {%- do exceptions.raise_compiler_error(
                        "{" ~ name ~ "} of " ~ relation ~ " is no single value: a definition cannot name it"
                    ) -%}
                {%- endif -%}
                {%- do names.append(name) -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(names | unique | sort | join(',')) }}
{%- endmacro %}
