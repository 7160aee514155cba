{#- A text as keywords are looked for in it: lower case, wide letters, digits and currency signs as plain ones, typographic apostrophes
    as straight ones, every run of Chinese characters and every currency sign between blanks, and one blank for whatever neither
    ends a clause nor belongs to a word: white space, dashes, brackets, emoji. Of NFKC that is what a keyword can hold.

    Wide letters are rare and translate() is slow: only texts that have some pay for it. -#}
{% macro plain_text(text) -%}
    {%- set wide = 'ａｂｃｄｅｆｇｈｉｊｋｌｍｎｏｐｑｒｓｔｕｖｗｘｙｚ０１２３４５６７８９＄￡￥＇’‘' -%}
    {%- set plain = "abcdefghijklmnopqrstuvwxyz0123456789$£¥''''''" -%}
    {%- set lowered = 'lower(' ~ text ~ ')' -%}
    {%- set narrow -%}
    case
            when {{ replaced_all(lowered, '[' ~ wide ~ ']', '') }} <> {{ lowered }}
                then translate({{ lowered }}, '{{ wide }}', '{{ plain }}')
            else {{ lowered }}
        end
    {%- endset -%}
    {%- set padded = replaced_all(narrow, '([㐀-鿿]+|[$€£¥])', ' \\1 ') -%}
    {{ replaced_all(padded, "[^a-z0-9''$€£¥" ~ clause_ends() ~ 'À-ʯͰ-῿぀-퟿豈-﫿]+', ' ') }}
{%- endmacro %}


{#- What ends a clause: a negation before it says nothing about what stands behind it. -#}
{% macro clause_ends() -%}
.,!?;。，！？；
{%- endmacro %}
