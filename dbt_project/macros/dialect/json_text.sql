{#- A JSON object, as text, of columns of a relation: {"order_id": "1001", ...}. -#}
{% macro json_text(columns, relation) -%}
    {{ return(adapter.dispatch('json_text')(columns, relation)) }}
{%- endmacro %}


{% macro default__json_text(columns, relation, function='json_build_object') -%}
    cast(
            {{ function }}(
                {%- for column in columns %}
                '{{ column }}', {{ relation }}.{{ column }}{{ "," if not loop.last }}
                {%- endfor %}
            ) as varchar
        )
{%- endmacro %}


{% macro duckdb__json_text(columns, relation) -%}
    {{ default__json_text(columns, relation, 'json_object') }}
{%- endmacro %}


{#- The text under a key of a JSON object; both arguments are columns. -#}
{% macro json_value(object, key) -%}
    {{ return(adapter.dispatch('json_value')(object, key)) }}
{%- endmacro %}


{% macro default__json_value(object, key) -%}
    cast({{ object }} as json) ->> {{ key }}
{%- endmacro %}


{% macro duckdb__json_value(object, key) -%}
    json_extract_string({{ object }}, '$.' || {{ key }})
{%- endmacro %}
