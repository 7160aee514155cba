{#- amount * part / whole, rounded once to cents; 0 where the whole is not positive. The division is cut at 8 decimals
    first, because some engines divide decimals as binary doubles, whose noise would decide a half cent. -#}
{% macro prorated(amount, part, whole) -%}
    case
        when {{ whole }} > 0
            then {{ money('cast(' ~ widen(amount) ~ ' * ' ~ part ~ ' / nullif(' ~ whole ~ ', 0) as decimal(28, 8))') }}
        else cast(0 as decimal(18, 2))
    end
{%- endmacro %}
