{#- Figures behind an action as a text, `name=1, other=2`: the same on every engine, so whole numbers, cents and dates only.

    values: name → expression; a figure that is null is left out. types: name → type where it is not a whole number. -#}
{% macro figures(values, types={}) -%}
    nullif(substr(
            {%- for name, expression in values.items() %}
            coalesce(', {{ name }}=' || cast(cast({{ expression }} as {{ types.get(name, 'bigint') }}) as varchar), '')
            {{- ' ||' if not loop.last }}
            {%- endfor %},
            3
        ), '')
{%- endmacro %}
