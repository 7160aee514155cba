{#- A text in which every match of a regular expression makes way for a replacement; \1 in it is what the first group found.
    The pattern holds no backslash (engines disagree about those inside a literal): [0-9] instead of \d, [.] instead of \.. -#}
{% macro replaced_all(text, pattern, replacement) -%}
    {{ return(adapter.dispatch('replaced_all')(text, pattern, replacement)) }}
{%- endmacro %}


{% macro default__replaced_all(text, pattern, replacement) -%}
    regexp_replace({{ text }}, '{{ pattern }}', '{{ replacement }}', 'g')
{%- endmacro %}


{% macro spark__replaced_all(text, pattern, replacement) -%}
    regexp_replace({{ text }}, '{{ pattern }}', '{{ replacement | replace('\\', '$') }}')
{%- endmacro %}
