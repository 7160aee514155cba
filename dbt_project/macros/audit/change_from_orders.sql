{#- The part of a change of revenue that more or fewer orders explain, in cents: the difference in orders at the mean of both
    values per order. Where one side has no orders, all of the change is theirs; where neither has, none is. The rest of
    the change is that of the value per order. -#}
{% macro change_from_orders(orders_before, orders_now, revenue_before, revenue_now) -%}
    case
        when {{ orders_before }} = 0 and {{ orders_now }} = 0 then cast(0 as decimal(18, 2))
        when {{ orders_before }} = 0 or {{ orders_now }} = 0
            then cast({{ revenue_now }} - {{ revenue_before }} as decimal(18, 2))
        else
            {%- set change -%}
                ({{ orders_now }} - {{ orders_before }})
                * (
                    cast({{ revenue_before }} as double precision) / nullif({{ orders_before }}, 0)
                    + cast({{ revenue_now }} as double precision) / nullif({{ orders_now }}, 0)
                ) / 2
            {%- endset %}
            {{ cents(change) }}
    end
{%- endmacro %}
