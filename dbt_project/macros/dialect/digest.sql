{#- SHA-256 of a text as 64 hexadecimal digits in lower case: the same on every engine. -#}
{% macro sha256_hex(text) -%}
    {{ return(adapter.dispatch('sha256_hex')(text)) }}
{%- endmacro %}


{% macro default__sha256_hex(text) -%}
    sha256({{ text }})
{%- endmacro %}


{% macro postgres__sha256_hex(text) -%}
    encode(sha256(convert_to({{ text }}, 'UTF8')), 'hex')
{%- endmacro %}


{% macro spark__sha256_hex(text) -%}
    sha2({{ text }}, 256)
{%- endmacro %}


{#- A whole number below 2^60 by the digest of some texts, none of them null: as good as drawn, and the same everywhere. -#}
{% macro digest_number(texts) -%}
    {{ number_of_hex('substr(' ~ sha256_hex(texts | join(" || '|' || ")) ~ ', 1, 15)') }}
{%- endmacro %}
