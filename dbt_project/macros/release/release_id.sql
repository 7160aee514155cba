{#- The id of the release being built (var release_id, else a target that is named after one) as a text literal, refused if it could be anything but an id. -#}
{% macro release_id() -%}
    {%- set given = (var('release_id') or (target.name if day_of_target() else none)) | string -%}
    {%- if execute and not modules.re.fullmatch('[a-z0-9_]+', given) -%}
        {%- do exceptions.raise_compiler_error("var release_id must be an id such as r20180101_20260102t031500, not '" ~ given ~ "'") -%}
    {%- endif -%}
    '{{ given if execute else '' }}'
{%- endmacro %}
