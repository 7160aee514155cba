{#- The segmentations that have a history → the column of feat_customer_stages and feat_customer_stage_periods. -#}
{% macro segmentation_columns() -%}
{{ return({
    'lifecycle': 'lifecycle_stage',
    'relationship': 'relationship_stage',
    'rfm': 'rfm_segment',
    'value_tier': 'value_tier',
}) }}
{%- endmacro %}
