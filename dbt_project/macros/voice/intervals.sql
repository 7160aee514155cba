{#- The 97.5 % point of the normal distribution: half of what a 95 % interval leaves out is on either side. -#}
{% macro normal_point() -%}
    1.959963984540054
{%- endmacro %}


{#- The 97.5 % point of Student's t with `freedom` degrees of freedom, by the expansion of Cornish and Fisher (Abramowitz & Stegun 26.7.5): within
    0.0001 from 9 degrees on, and figures over fewer answers are not shown. -#}
{% macro student_point(freedom) -%}
    {%- set n = 'cast(' ~ freedom ~ ' as double precision)' -%}
    (
            {{ normal_point() }}
            + 2.372271230298562 / nullif({{ n }}, 0)
            + 2.822498615739611 / nullif({{ n }} * {{ n }}, 0)
            + 2.555849679507722 / nullif({{ n }} * {{ n }} * {{ n }}, 0)
            + 1.589534053393822 / nullif({{ n }} * {{ n }} * {{ n }} * {{ n }}, 0)
        )
{%- endmacro %}


{#- An end of the 95 % interval of a net promoter score: each of the three counts + 1, then Wald.

    sign: '-' for the lower end, '+' for the upper. -#}
{% macro nps_bound(promoters, detractors, answers, sign) -%}
    {%- set n = 'nullif(cast(' ~ answers ~ ' + 3 as double precision), 0)' -%}
    {%- set p = '((' ~ promoters ~ ' + 1) / ' ~ n ~ ')' -%}
    {%- set d = '((' ~ detractors ~ ' + 1) / ' ~ n ~ ')' -%}
    100.0 * (
            {{ p }} - {{ d }}
            {{ sign }} {{ normal_point() }} * sqrt({{ voice_quotient(p ~ ' + ' ~ d ~ ' - (' ~ p ~ ' - ' ~ d ~ ') * (' ~ p ~ ' - ' ~ d ~ ')', n) }})
        )
{%- endmacro %}


{#- An end of the 95 % interval of a share, by Wilson. -#}
{% macro wilson_bound(successes, trials, sign) -%}
    {%- set n = 'nullif(cast(' ~ trials ~ ' as double precision), 0)' -%}
    {%- set p = '(' ~ successes ~ ' / ' ~ n ~ ')' -%}
    {%- set z = normal_point() -%}
    {{ voice_quotient(
        p ~ ' + ' ~ z ~ ' * ' ~ z ~ ' / (2.0 * ' ~ n ~ ') ' ~ sign ~ ' ' ~ z
        ~ ' * sqrt(' ~ p ~ ' * (1.0 - ' ~ p ~ ') / ' ~ n ~ ' + ' ~ z ~ ' * ' ~ z ~ ' / (4.0 * ' ~ n ~ ' * ' ~ n ~ '))',
        '(1.0 + ' ~ z ~ ' * ' ~ z ~ ' / ' ~ n ~ ')'
    ) }}
{%- endmacro %}


{#- An end of the 95 % interval of a mean, by Student's t.

    total, squares: the sum of the values and of their squares. -#}
{% macro mean_bound(total, squares, count, sign) -%}
    {%- set n = 'nullif(cast(' ~ count ~ ' as double precision), 0)' -%}
    {%- set freedom = 'nullif(cast(' ~ count ~ ' - 1 as double precision), 0)' -%}
    {%- set mean = '(' ~ total ~ ' / ' ~ n ~ ')' -%}
    {{ mean }} {{ sign }} {{ student_point(count ~ ' - 1') }}
            * sqrt(greatest({{ voice_quotient(squares ~ ' - ' ~ total ~ ' * ' ~ mean, '(' ~ freedom ~ ' * ' ~ n ~ ')') }}, 0.0))
{%- endmacro %}


{#- One expression over another that is not 0. -#}
{% macro voice_quotient(upper, lower) -%}
    ({{ upper }}) / nullif({{ lower }}, 0)
{%- endmacro %}
