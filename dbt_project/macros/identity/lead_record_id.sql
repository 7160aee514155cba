{#- The id of a lead among records, `source:lead:id`: a customer of the same source may have the same id. -#}
{% macro lead_record_id() -%}
    _source || ':lead:' || source_lead_id
{%- endmacro %}
