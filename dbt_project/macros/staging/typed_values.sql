{#- A published id `source:id` from a source's own id; null if that is empty. -#}
{% macro published_id(column) -%}
    _source || ':' || {{ try_cast_text(column, 'text') }}
{%- endmacro %}


{#- Two columns: the value cast to its type, under its own name, and the text as delivered, under <column>_text, which
    `when_not_a` compares it with. -#}
{% macro typed(column, type) -%}
    {{ try_cast_text(column, type) }} as {{ column }},
        {{ column }} as {{ column }}_text
{%- endmacro %}


{#- A currency code in capitals; empty means the reporting currency. -#}
{% macro currency_code(column) -%}
    coalesce(upper({{ try_cast_text(column, 'text') }}), '{{ reporting_currency() }}')
{%- endmacro %}


{#- What one unit of the currency is worth in the reporting currency, from `rates` (of the event's day) or `last_rates` (where
    the event is later than all rates); null where no rate is known on or before the day. -#}
{% macro exchange_rate(currency) -%}
    case
            when {{ currency }} = '{{ reporting_currency() }}' then cast(1 as decimal(18, 8))
            else coalesce(rates.exchange_rate, last_rates.exchange_rate)
        end
{%- endmacro %}
