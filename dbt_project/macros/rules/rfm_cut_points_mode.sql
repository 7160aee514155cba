{#- The var rfm_cut_points, refused unless it is one of the two words: a misspelt one would score nobody. -#}
{% macro rfm_cut_points_mode() -%}
    {%- set given = var('rfm_cut_points') -%}
    {%- if given not in ['computed', 'frozen'] -%}
        {%- do exceptions.raise_compiler_error("var rfm_cut_points must be computed or frozen, not '" ~ given ~ "'") -%}
    {%- endif -%}
    {{ return(given) }}
{%- endmacro %}
