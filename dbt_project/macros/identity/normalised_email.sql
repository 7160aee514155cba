{#- An e-mail address to match by: in lower case, without marks that cannot be seen, `mailto:`, <…> and punctuation around it; null if it does
    not look like an address. -#}
{% macro normalised_email(email) -%}
    {%- set plain = cleaned_email(email) -%}
    case
            when
                {{ plain }} like '_%@_%._%'
                and {{ plain }} not like '%@%@%'
                and {{ plain }} not like '% %'
                then {{ plain }}
        end
{%- endmacro %}


{#- What of a text is the address. The erasure reads this macro, so that both compare by the same; the one thing of a dialect in it is
    replaced_all. -#}
{% macro cleaned_email(email) -%}
    {#- full-width letters are letters, the marks after them cannot be seen -#}
    {%- set wide = 'ＡＢＣＤＥＦＧＨＩＪＫＬＭＮＯＰＱＲＳＴＵＶＷＸＹＺａｂｃｄｅｆｇｈｉｊｋｌｍｎｏｐｑｒｓｔｕｖｗｘｙｚ０１２３４５６７８９＠．－＿' -%}
    {%- set plain = 'abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz0123456789@.-_' -%}
    {%- set unseen = '\u200b\u200c\u200d\u2060\ufeff\u00ad' -%}
    {%- set visible = "translate(lower(" ~ email ~ "), '\u00a0\u3000" ~ wide ~ unseen ~ "', '  " ~ plain ~ "')" -%}
    {%- set within = replaced_all(visible, '^.*<|>.*$', '') -%}
    nullif({{ replaced_all(replaced_all(within, '^[ \t\r\n]*(mailto:)?[ \t\r\n]*', ''), '[ \t\r\n;,]+$', '') }}, '')
{%- endmacro %}
