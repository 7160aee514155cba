{#- The country of telephone numbers that come without one, in lower case; a name that no country has if there is none. -#}
{% macro home_country() -%}
    {{ (var('home_country') or '').split(',')[0] | trim | lower | replace("'", "''") }}
{%- endmacro %}
