{#- A keyword as it stands in plain_text(): the blanks around English words belong to it, so that it is found as whole words alone. -#}
{% macro as_phrase(keyword, language) -%}
    case
        when {{ language }} = 'zh' then {{ trimmed(plain_text(keyword)) }}
        else ' ' || {{ trimmed(plain_text(keyword)) }} || ' '
    end
{%- endmacro %}


{#- The characters of a text from a place on by which a phrase that begins there is looked up: two of Chinese, a blank and two of an
    English word. -#}
{% macro first_characters(text, place) -%}
    case when substr({{ text }}, {{ place }}, 1) = ' ' then substr({{ text }}, {{ place }}, 3) else substr({{ text }}, {{ place }}, 2) end
{%- endmacro %}
