{#- A query of one row: the coefficients of one model side by side, `intercept` and for each input of churn_inputs() its mean, its
    deviation and its coefficient; null where the model does not use it.

    coefficients: the relation of the scores. purpose: used, the model that scores D; judged, the one whose record is published. -#}
{% macro churn_coefficients(coefficients, purpose) -%}
select
        max(case when feature = 'intercept' then coefficient end) as intercept
        {%- for name in churn_inputs() %},
        max(case when feature = '{{ name }}' then mean end) as {{ name }}_mean,
        max(case when feature = '{{ name }}' then deviation end) as {{ name }}_deviation,
        max(case when feature = '{{ name }}' then coefficient end) as {{ name }}_coefficient
        {%- endfor %}
    from {{ coefficients }}
    where purpose = '{{ purpose }}'
{%- endmacro %}


{#- The probability to leave by those coefficients, of a relation of feat_churn_inputs; null without an intercept. -#}
{% macro churn_probability(inputs, coefficients) -%}
1 / (
            1 + exp(
                0 - {{ coefficients }}.intercept
                {%- for name in churn_inputs() %}
                - coalesce(
                    {{ coefficients }}.{{ name }}_coefficient
                    * (cast({{ inputs }}.{{ name }} as double precision) - {{ coefficients }}.{{ name }}_mean)
                    / nullif({{ coefficients }}.{{ name }}_deviation, 0),
                    0
                )
                {%- endfor %}
            )
        )
{%- endmacro %}
