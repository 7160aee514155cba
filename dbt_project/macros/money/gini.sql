{#- Gini coefficient over equal values that were put together: 2 Σ i·x / (n Σ x) - (n + 1) / n with i over ascending
    x ≥ 0; null where Σ x = 0. The sums are decimal, because a sum of floats depends on the order of the threads.

    value: the value of the row.
    copies: how many hold it; their ranks add up to copies × (2 × copies_so_far - copies + 1) / 2.
    copies_so_far: how many hold it or less.
    row_count: how many there are, the same in all rows. -#}
{% macro gini(value, copies, copies_so_far, row_count) -%}
case
    when sum({{ value }}) > 0
        then
            cast(
                sum(
                    {{ value }}
                    * cast({{ copies }} * (2 * {{ copies_so_far }} - {{ copies }} + 1) as decimal(18, 0))
                ) as double precision
            )
            / nullif(
                max({{ row_count }}) * cast(sum({{ value }} * cast({{ copies }} as decimal(18, 0))) as double precision), 0
            )
            - (max({{ row_count }}) + 1) / nullif(cast(max({{ row_count }}) as double precision), 0)
end
{%- endmacro %}
