{#- What normal distributions say, in plain arithmetic: engines share no such functions. -#}


{#- The quantile behind 95 %. -#}
{% macro z_95() -%}
    1.959963984540054
{%- endmacro %}


{#- The probability of a standard normal deviate farther from 0 than z, on both sides: Abramowitz & Stegun 7.1.26 for erfc, off
    by less than 1.5e-7. -#}
{% macro two_sided_p(z) -%}
    {%- set x = '(abs(cast(' ~ z ~ ' as double precision)) / 1.4142135623730951)' -%}
    {%- set t = '(1.0 / (1.0 + 0.3275911 * ' ~ x ~ '))' -%}
    (
        {{ t }} * (0.254829592 + {{ t }} * (-0.284496736 + {{ t }} * (1.421413741 + {{ t }} * (-1.453152027 + {{ t }} * 1.061405429))))
        * exp(0 - least({{ x }} * {{ x }}, 700))
    )
{%- endmacro %}


{#- The lower or upper end (sign -1 or 1) of Wilson's interval of a share, 95 %. -#}
{% macro wilson(hits, n, sign) -%}
    {%- set p = ratio(hits, n) -%}
    {%- set z2 = '3.841458820694124' -%}
    (
        ({{ p }} + {{ z2 }} / (2.0 * {{ nonzero(n) }}) + ({{ sign }}) * {{ z_95() }}
            * sqrt({{ p }} * (1 - {{ p }}) / ({{ nonzero(n) }}) + {{ z2 }} / (4.0 * {{ nonzero(n) }} * {{ nonzero(n) }})))
        / (1 + {{ z2 }} / ({{ nonzero(n) }}))
    )
{%- endmacro %}


{#- A divisor in double precision; null instead of 0. -#}
{% macro nonzero(n) -%}
    nullif(cast({{ n }} as double precision), 0)
{%- endmacro %}


{#- The quantile of Student's t behind 95 %, by the expansion of Cornish & Fisher: off by less than 5e-4 from 8 degrees on. -#}
{% macro t_95(degrees) -%}
    (
        {{ z_95() }} + 2.372271230298562 / ({{ degrees }})
        + 2.8224986157396112 / ({{ degrees }} * {{ degrees }})
        + 2.555849679507722 / ({{ degrees }} * {{ degrees }} * {{ degrees }})
    )
{%- endmacro %}


{#- The variance of a mean from a sum, a sum of squares and a count, at least 0: rounding may leave less than nothing of it. -#}
{% macro variance_of_mean(total, squares, n) -%}
    greatest(
            {{ ratio(squares ~ ' - cast(' ~ total ~ ' as double precision) * ' ~ total ~ ' / nullif(' ~ n ~ ', 0)', n ~ ' - 1') }}
            / nullif({{ n }}, 0),
            0
        )
{%- endmacro %}


{#- The degrees of freedom of Welch and Satterthwaite, of two variances of means; null for an arm of one, or without variance. -#}
{% macro welch_degrees(variance, n, other_variance, other_n) -%}
    case
            when {{ n }} > 1 and {{ other_n }} > 1
                then ({{ variance }} + {{ other_variance }}) * ({{ variance }} + {{ other_variance }})
                / nullif(
                    {{ variance }} * {{ variance }} / nullif({{ n }} - 1, 0)
                    + {{ other_variance }} * {{ other_variance }} / nullif({{ other_n }} - 1, 0),
                    0
                )
        end
{%- endmacro %}
