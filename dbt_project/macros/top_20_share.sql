{#- Share of Σ value that the top ceil(0.2 n) of the grouped rows hold; null where Σ value = 0. -#}
{% macro top_20_share(ascending_rank, value, row_count) -%}
{#- the top ceil(n / 5) rows are those with 5 (n − rank) < n, in whole numbers -#}
case
    when sum({{ value }}) > 0
        then
            cast(
                sum(case when 5 * ({{ row_count }} - {{ ascending_rank }}) < {{ row_count }} then {{ value }} else 0 end)
                as double precision
            )
            / cast(sum({{ value }}) as double precision)
end
{%- endmacro %}
