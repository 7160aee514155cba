{#- The CTEs `rates` and `rated`: a relation with the rate of its currency, `exchange_rate`.

    relation: a CTE with the column `currency`. day: its date whose rate it is; none: the latest rate known.
    undated: what has no day takes the latest rate too. -#}
{% macro rated_ctes(relation, day, undated=false) -%}
rates as (
    select * from {{ ref('base_reporting_rates') }}
),

rated as not materialized (
    select
        {{ relation }}.*,
        {{ exchange_rate(relation ~ '.currency') }} as exchange_rate
    from {{ relation }}
    {{ join_rates(relation ~ '.currency', relation ~ '.' ~ day if day else 'cast(null as date)', undated or not day) }}
)
{%- endmacro %}


{#- What one unit of the currency is worth in the reporting currency; null where no rate is known on or before the day. Needs
    `join_rates`. -#}
{% macro exchange_rate(currency) -%}
    case
            when {{ currency }} = '{{ reporting_currency() }}' then cast(1 as decimal(18, 8))
            else coalesce(rates.exchange_rate, last_rates.exchange_rate)
        end
{%- endmacro %}


{#- The joins behind `exchange_rate`, to the CTE `rates` (all of base_reporting_rates): `rates` has the rate of the day,
    `last_rates` the last one of the currency, where the day is later than all rates; undated: or where there is no day. -#}
{% macro join_rates(currency, day, undated=false) -%}
    left join rates
        on
            {{ currency }} = rates.currency
            and {{ day }} = rates.rate_day
    left join rates as last_rates
        on
            {{ currency }} = last_rates.currency
            and last_rates.is_last
            and {{ 'coalesce(' ~ day ~ ' > last_rates.rate_day, true)' if undated else day ~ ' > last_rates.rate_day' }}
{%- endmacro %}
