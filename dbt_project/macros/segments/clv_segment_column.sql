{#- The column of feat_customers_known by which purchase models are fitted apart (var clv_fit_by); none where all customers
    share one fit. Anything else than the three words is refused: a misspelt one would fit everybody together. -#}
{% macro clv_segment_column() -%}
    {%- set given = var('clv_fit_by') -%}
    {%- if given not in ['none', 'acquisition_channel', 'country'] -%}
        {%- do exceptions.raise_compiler_error("var clv_fit_by must be none, acquisition_channel or country, not '" ~ given ~ "'") -%}
    {%- endif -%}
    {{ return(none if given == 'none' else given) }}
{%- endmacro %}
