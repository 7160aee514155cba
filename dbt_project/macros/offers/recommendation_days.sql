{#- The days at which baskets and recommendations are observed: D, and the day from which on they are judged at D. -#}
{% macro recommendation_days() -%}
    select {{ as_of_date() }} as observed_on
    union all
    select {{ add_days(as_of_date(), 0 - var('recommendation_backtest_days')) }} as observed_on
{%- endmacro %}
