{#- An id without what stands around it: blanks of Unicode, tabs, line ends, marks that cannot be seen. The erasure reads this file, so that
    both compare by the same; no dialect is in it. -#}
{% macro trimmed_whole(text) -%}
    trim(both '{{ " \t\r\n\x0b\x0c\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u200b\u200c\u200d\u2028\u2029\u202f\u205f\u2060\u3000\ufeff" }}' from {{ text }})
{%- endmacro %}


{#- A trimmed id without what Excel puts around a text: ="3001", a leading apostrophe. -#}
{% macro unguarded(text) -%}
    case
                    when {{ text }} like '="%"' then substr({{ text }}, 3, length({{ text }}) - 3)
                    when substr({{ text }}, 1, 1) = chr(39) then substr({{ text }}, 2)
                    else {{ text }}
                end
{%- endmacro %}
