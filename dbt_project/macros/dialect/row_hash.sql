{#- A number that stands for the values of a row; summed over rows it stands for the rows, whatever their order.

    Where it is kept, it is compared with what the same engine says later: an engine's own hash is equal in use and several
    times as fast. A warehouse that moves to another engine only computes its history anew. -#}
{% macro row_hash(columns) -%}
    {{ return(adapter.dispatch('row_hash')(columns)) }}
{%- endmacro %}


{#- The same number on every engine whose texts of the values are the same: 60 bits of a digest. Every value is led by its
    length, so that ('a', 'bc') and ('ab', 'c') differ, and a null is no text. -#}
{% macro default__row_hash(columns) -%}
    {%- set digest -%}
        md5({{ row_text(columns) }})
    {%- endset -%}
    cast({{ number_of_hex('substr(' ~ digest ~ ', 1, 15)') }} as decimal(38, 0))
{%- endmacro %}


{% macro duckdb__row_hash(columns) -%}
    hash({{ columns | join(', ') }})
{%- endmacro %}


{% macro postgres__row_hash(columns) -%}
    cast(hashtextextended({{ row_text(columns) }}, 0) as decimal(38, 0))
{%- endmacro %}


{% macro row_text(columns) -%}
    {%- for column in columns -%}
            coalesce(cast(length(cast({{ column }} as varchar)) as varchar) || ':' || cast({{ column }} as varchar), '-')
        {{- ' || ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}


{#- A whole number that is written in at most 15 hexadecimal digits. -#}
{% macro number_of_hex(digits) -%}
    {{ return(adapter.dispatch('number_of_hex')(digits)) }}
{%- endmacro %}


{% macro duckdb__number_of_hex(digits) -%}
    cast('0x' || {{ digits }} as bigint)
{%- endmacro %}


{% macro postgres__number_of_hex(digits) -%}
    cast(cast('x' || lpad({{ digits }}, 16, '0') as bit(64)) as bigint)
{%- endmacro %}


{% macro spark__number_of_hex(digits) -%}
    cast(conv({{ digits }}, 16, 10) as bigint)
{%- endmacro %}
