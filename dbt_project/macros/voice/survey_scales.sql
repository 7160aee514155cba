{#- The lowest and the highest score of each type of survey. Kehu never rescales: a source with another scale says so in its mapping. -#}
{% macro survey_scales() -%}
    {{ return({'nps': (0, 10), 'csat': (1, 5), 'ces1': (1, 5), 'ces2': (1, 7)}) }}
{%- endmacro %}


{#- The branches of a `case` that say why a score is none of its survey's; a survey of type other has no scale. -#}
{% macro when_off_scale(score='score', survey_type='survey_type') -%}
    when {{ survey_type }} <> 'other' and {{ score }} <> round({{ score }}) then '{{ score }} is not a whole number'
            {%- for type, scale in survey_scales().items() %}
            when {{ survey_type }} = '{{ type }}' and {{ score }} not between {{ scale[0] }} and {{ scale[1] }}
                then '{{ score }} is off the scale of its survey'
            {%- endfor %}
{%- endmacro %}


{#- A score between 0 and 1, high is good: only to compare a person's answers of one type with each other. -#}
{% macro scaled_score(score='score', survey_type='survey_type') -%}
    case {{ survey_type }}
            {%- for type, scale in survey_scales().items() %}
            {%- set share = "cast(" ~ score ~ " - " ~ scale[0] ~ " as double precision) / " ~ (scale[1] - scale[0]) ~ ".0" %}
            when '{{ type }}' then {{ '1.0 - ' ~ share if type == 'ces1' else share }}
            {%- endfor %}
        end
{%- endmacro %}


{#- Whether a score is one of its survey's, whole and on the scale. -#}
{% macro is_on_scale(survey_type, score) -%}
    {%- set scale = survey_scales()[survey_type] -%}
    {{ score }} = round({{ score }}) and {{ score }} between {{ scale[0] }} and {{ scale[1] }}
{%- endmacro %}
