{#- The var holdout_salt as a text literal, refused if it could be anything but a word: with another salt other customers are held out. -#}
{% macro holdout_salt() -%}
    {%- set given = var('holdout_salt') | string -%}
    {%- if not modules.re.fullmatch('[A-Za-z0-9_.-]+', given) -%}
        {%- do exceptions.raise_compiler_error("var holdout_salt must be letters, digits, '_', '.' and '-', not '" ~ given ~ "'") -%}
    {%- endif -%}
    '{{ given }}'
{%- endmacro %}


{#- Whether a customer's digest falls into the share that is held out of marketing actions. -#}
{% macro is_drawn_to_hold_out(customer_id) -%}
    mod({{ digest_number([holdout_salt(), customer_id]) }}, 10000) < {{ (var('holdout_share') * 10000) | round | int }}
{%- endmacro %}
