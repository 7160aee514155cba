{#- A measure in standard deviations from the mean, at most three, cut at two decimals; 0 without a value, and for a measure in
    which nobody differs. Reads `measured.<measure>`, `scales.<measure>_mean` and `scales.<measure>_deviation`, which is null in
    the second case. -#}
{% macro persona_point(measure, scale) -%}
cast(
            case
                when measured.{{ measure }} is null or scales.{{ measure }}_deviation is null then 0
                else
                    least(
                        greatest(
                            (
                                cast({{ persona_level('measured.' ~ measure, scale) }} as double precision)
                                - scales.{{ measure }}_mean
                            ) / nullif(scales.{{ measure }}_deviation, 0),
                            -3
                        ),
                        3
                    )
            end as decimal(4, 2)
        )
{%- endmacro %}
