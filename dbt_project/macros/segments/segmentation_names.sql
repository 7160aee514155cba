{#- The segmentations that have a model of their own, segmentation_<name>. Kehu finds the files and hands their names over in the
    var segmentations, because dbt knows its graph only after the models have named what they stand on. A model that the
    var leaves out is an error, never a segmentation that silently is not there. -#}
{% macro segmentation_names() -%}
    {%- set given = var('segmentations') or [] -%}
    {%- if execute -%}
        {%- for node in graph.nodes.values() -%}
            {%- if node.resource_type == 'model' and node.name.startswith('segmentation_') and node.name[13:] not in given -%}
                {%- do exceptions.raise_compiler_error(
                    "the var segmentations does not list '" ~ node.name[13:] ~ "', which has a model; kehu lists them by itself"
                    ~ ", dbt by hand needs --vars '{segmentations: [...]}' with every model segmentation_<name>"
                ) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(given | sort) }}
{%- endmacro %}
