{#- The one place where an amount is rounded: half up (away from zero), once, to cents as decimal(18, 2).

    All arguments are multiplied: money('amount'), money('quantity', 'unit_price', 'exchange_rate'). The first is widened
    before the multiplication, because decimal(18, 6) times decimal(18, 8) has no room for the result; an argument that
    multiplies inside must widen by itself. -#}
{% macro money(amount) -%}
    cast(round({{ widen(amount) if varargs else amount }}
    {%- for factor in varargs %} * ({{ factor }}){% endfor %}, 2) as decimal(18, 2))
{%- endmacro %}


{#- The same number with room for a multiplication by a price or a rate. -#}
{% macro widen(expression) -%}
    cast({{ expression }} as decimal(28, 8))
{%- endmacro %}
