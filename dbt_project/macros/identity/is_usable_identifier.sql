{#- Whether an identifier is on so many records that it says nothing about whose they are. -#}
{% macro is_usable_identifier(record_count) -%}
    {{ record_count }} <= {{ var('max_records_per_identifier') }}
{%- endmacro %}
