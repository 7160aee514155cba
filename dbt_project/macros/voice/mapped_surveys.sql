{#- The CTE `mapped` of a survey's entity: `typed` with its delivered_survey_type as the seed map_survey_type has it. An unknown type stays as
    it is, and is_known_survey_type says so. -#}
{% macro mapped_surveys_ctes() -%}
survey_map as (

    select * from {{ ref('map_survey_type') }}

),

mapped as not materialized (

    select
        typed.*,
        coalesce(survey_map.survey_type, typed.delivered_survey_type) as survey_type,
        survey_map.survey_type is not null as is_known_survey_type
    from typed
    left join survey_map
        on lower(typed.delivered_survey_type) = survey_map.delivered_survey_type

)
{%- endmacro %}


{#- The branch of a `case` for a survey of a type that the seed does not list. -#}
{% macro when_survey_is_unknown() -%}
    when not is_known_survey_type then 'survey_type is unknown'
{%- endmacro %}
