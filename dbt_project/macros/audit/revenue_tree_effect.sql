{#- The part of a change of revenue that one branch of the revenue tree explains, in cents: revenue = customers × orders per
    customer × value per order, and each branch gets the mean of what it changes over all orders in which the three can change
    (Shapley). A period without orders has no such tree: all of the change is the customers'. Reads active_customers,
    order_count, net_revenue and active_before, orders_before, revenue_before; null for the first period.

    branch: customers or orders. What they leave is the value per order's. -#}
{% macro revenue_tree_effect(branch) -%}
{%- set rate = 'cast(order_count as double precision) / nullif(active_customers, 0)' -%}
{%- set rate_before = 'cast(orders_before as double precision) / nullif(active_before, 0)' -%}
{%- set value = '(cast(net_revenue as double precision) / nullif(order_count, 0))' -%}
{%- set value_before = '(cast(revenue_before as double precision) / nullif(orders_before, 0))' -%}
{%- if branch == 'customers' -%}
    {%- set one, one_before, two, two_before = 'active_customers', 'active_before', '(' ~ rate ~ ')', '(' ~ rate_before ~ ')' -%}
{%- else -%}
    {%- set one, one_before, two, two_before = rate, rate_before, 'active_customers', 'active_before' -%}
{%- endif -%}
case
            when revenue_before is null then null
            when order_count = 0 or orders_before = 0
                then {{ 'net_revenue - revenue_before' if branch == 'customers' else 'cast(0 as decimal(18, 2))' }}
            else
                {%- set effect -%}
                    ({{ one }} - {{ one_before }})
                    * (
                        ({{ two }} * {{ value }} + {{ two_before }} * {{ value_before }}) / 3
                        + ({{ two }} * {{ value_before }} + {{ two_before }} * {{ value }}) / 6
                    )
                {%- endset %}
                {{ cents(effect) }}
        end
{%- endmacro %}
