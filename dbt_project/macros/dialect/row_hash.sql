{#- A number that stands for the values of a row; summed over rows it stands for the rows, whatever their order. -#}
{% macro row_hash(columns) -%}
    {{ return(adapter.dispatch('row_hash')(columns)) }}
{%- endmacro %}


{#- Every value is led by its length, so that ('a', 'bc') and ('ab', 'c') differ. -#}
{% macro default__row_hash(columns) -%}
    cast(
        hashtextextended(
            {%- for column in columns %}
            coalesce(length(cast({{ column }} as varchar)) || ':' || cast({{ column }} as varchar), '-')
            {{- ' ||' if not loop.last }}
            {%- endfor %},
            0
        ) as decimal(38, 0)
    )
{%- endmacro %}


{% macro duckdb__row_hash(columns) -%}
    hash({{ columns | join(', ') }})
{%- endmacro %}
