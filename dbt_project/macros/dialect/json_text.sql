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


{#- Each member is written by itself: what becomes of a null inside a struct is not the same in all that speak Spark. -#}
{% macro spark__json_text(columns, relation) -%}
    concat(
            '{'
            {%- for column in columns %},
            coalesce(
                substr(
                    to_json(named_struct('{{ column }}', {{ relation }}.{{ column }})),
                    2,
                    nullif(length(to_json(named_struct('{{ column }}', {{ relation }}.{{ column }}))) - 2, 0)
                ),
                '"{{ column }}":null'
            )
            {{- ", ','" if not loop.last }}
            {%- endfor %},
            '}'
        )
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


{% macro spark__json_value(object, key) -%}
    get_json_object({{ object }}, '$.' || {{ key }})
{%- endmacro %}
