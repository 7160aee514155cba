{#- The 97.5 % point of Student's t with `freedom` degrees of freedom, by the expansion of Cornish and Fisher (Abramowitz & Stegun 26.7.5): within
    0.0001 from 9 degrees on, and figures over fewer answers are not shown. -#}
{% macro student_point(freedom) -%}
    {%- set n = 'cast(' ~ freedom ~ ' as double precision)' -%}
    (
            {{ z_95() }}
            + 2.372271230298562 / nullif({{ n }}, 0)
            + 2.822498615739611 / nullif({{ n }} * {{ n }}, 0)
            + 2.555849679507722 / nullif({{ n }} * {{ n }} * {{ n }}, 0)
            + 1.589534053393822 / nullif({{ n }} * {{ n }} * {{ n }} * {{ n }}, 0)
        )
{%- endmacro %}


{#- An end of the 95 % interval of a net promoter score: each of the three counts + 1, then Wald.

    sign: '-' for the lower end, '+' for the upper. -#}
{% macro nps_bound(promoters, detractors, answers, sign) -%}
    {%- set n = nonzero(answers ~ ' + 3') -%}
    {%- set p = '((' ~ promoters ~ ' + 1) / ' ~ n ~ ')' -%}
    {%- set d = '((' ~ detractors ~ ' + 1) / ' ~ n ~ ')' -%}
    100.0 * (
            {{ p }} - {{ d }}
            {{ sign }} {{ z_95() }} * sqrt({{ ratio(p ~ ' + ' ~ d ~ ' - (' ~ p ~ ' - ' ~ d ~ ') * (' ~ p ~ ' - ' ~ d ~ ')', n) }})
        )
{%- endmacro %}


{#- An end of the 95 % interval of a mean, by Student's t.

    total, squares: the sum of the values and of their squares. -#}
{% macro mean_bound(total, squares, count, sign) -%}
    {%- set n, freedom = nonzero(count), nonzero(count ~ ' - 1') -%}
    {%- set mean = '(' ~ total ~ ' / ' ~ n ~ ')' -%}
    {{ mean }} {{ sign }} {{ student_point(count ~ ' - 1') }}
            * sqrt(greatest({{ ratio(squares ~ ' - ' ~ total ~ ' * ' ~ mean, freedom ~ ' * ' ~ n) }}, 0.0))
{%- endmacro %}
