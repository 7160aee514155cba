{#- A query: the value tier of every net revenue that a buyer has, one row per amount (and day, see each_day()).

    customers: a relation with net_revenue and order_count. Equal values share a tier, so amounts are ranked instead of
    customers. -#}
{% macro value_tiers_at(customers, each=none) -%}
with net_values as (

    select
        {{ each_day(each) }}
        net_revenue,
        sum(greatest(net_revenue, 0)) as value_of_group
    from {{ customers }}
    where order_count > 0
    group by {{ each_day(each) }} net_revenue

),

cumulated as (

    select
        {{ each_day(each) }}
        net_revenue,
        sum(value_of_group) over (
            {{ by_day(each) }}
            order by net_revenue desc
            rows between unbounded preceding and current row
        ) - value_of_group as value_before,
        sum(value_of_group) over ({{ by_day(each) }}) as total_value
    from net_values

),

final as (

    select
        {{ each_day(each) }}
        net_revenue,
        {{ value_tier('net_revenue', 'value_before', 'total_value') }} as value_tier
    from cumulated

)

select * from final
{%- endmacro %}
