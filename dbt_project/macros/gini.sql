{#-
Gini coefficient of the grouped rows: 2 Σ i·x / (n Σ x) − (n + 1) / n over ascending x ≥ 0; null where Σ x = 0.
The sums are decimal, because a sum of floats depends on the order of the threads.
-#}
{% macro gini(ascending_rank, value, row_count) -%}
case
    when sum({{ value }}) > 0
        then
            2 * cast(sum(cast({{ ascending_rank }} as decimal(18, 0)) * {{ value }}) as double precision)
            / ({{ row_count }} * cast(sum({{ value }}) as double precision))
            - ({{ row_count }} + 1) / cast({{ row_count }} as double precision)
end
{%- endmacro %}
