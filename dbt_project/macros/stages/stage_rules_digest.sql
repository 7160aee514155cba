{#- A query of one text: the content of the seeds, and of the frozen cut points, that decide about stages and segments. -#}
{% macro stage_rules_digest() -%}
{%- set parts = [
    (ref('lifecycle_rules'), ['rule_order', 'lifecycle_stage', 'reason_code']),
    (ref('relationship_rules'), ['rule_order', 'relationship_stage', 'reason_code']),
    (ref('rfm_segments'), ['r_score', 'f_score', 'segment']),
] -%}
{%- if rfm_cut_points_mode() == 'frozen' -%}
{%- do parts.append((source('ops', 'published_rfm_cut_points'), ['measure', 'quantile', 'cut_point'])) -%}
{%- endif -%}
select
{%- for relation, columns in parts %}
    coalesce((select cast(sum({{ row_hash(columns) }}) as varchar) from {{ relation }}), '-'){{ " || '/' ||" if not loop.last }}
{%- endfor %} as digest
{%- endmacro %}
