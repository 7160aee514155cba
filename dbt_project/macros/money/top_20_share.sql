{#- Share of Σ value that the top ceil(0.2 n) hold, over equal values that were put together; null where Σ value = 0.
    The arguments are those of gini(). -#}
{% macro top_20_share(value, copies, copies_so_far, row_count) -%}
{%- set above = '(' ~ row_count ~ ' - ' ~ copies_so_far ~ ')' -%}
{%- set top = 'floor((' ~ row_count ~ ' + 4) / 5.0)' -%}
case
    when sum({{ value }}) > 0
        then
            cast(
                sum(
                    {{ value }}
                    * cast(least({{ copies }}, greatest({{ top }} - {{ above }}, 0)) as decimal(18, 0))
                ) as double precision
            )
            / nullif(cast(sum({{ value }} * cast({{ copies }} as decimal(18, 0))) as double precision), 0)
end
{%- endmacro %}
