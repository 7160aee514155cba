{#- A text as keywords are looked for in it: lower case, wide letters, digits and currency signs as plain ones, apostrophes within
    words as ʼ, every run of Chinese characters and every currency sign between blanks, and one blank for whatever neither
    ends a clause nor belongs to a word: white space, dashes, brackets, emoji. Of NFKC that is what a keyword can hold.

    Wide letters are rare and translate() is slow: only texts that have some pay for it. -#}
{% macro plain_text(text) -%}
    {%- set wide = 'ａｂｃｄｅｆｇｈｉｊｋｌｍｎｏｐｑｒｓｔｕｖｗｘｙｚ０１２３４５６７８９＄￡￥＇’‘' -%}
    {%- set plain = 'abcdefghijklmnopqrstuvwxyz0123456789$£¥ʼʼʼ' -%}
    {%- set lowered = 'lower(' ~ text ~ ')' -%}
    {%- set narrow -%}
    case
            when {{ replaced_all(lowered, '[' ~ wide ~ ']', '') }} <> {{ lowered }}
                then translate({{ lowered }}, '{{ wide }}', '{{ plain }}')
            else {{ lowered }}
        end
    {%- endset -%}
    {#- the apostrophe by its place in ASCII, between & and (, which are gone by then: in a literal Spark and the others write it differently -#}
    {%- set apostrophes = replaced_all(replaced_all(narrow, '[&(]', ' '), '([a-z])[&-(]([a-z])', '\\1ʼ\\2') -%}
    {%- set padded = replaced_all(apostrophes, '([㐀-鿿]+|[$€£¥])', ' \\1 ') -%}
    {{ replaced_all(padded, '[^a-z0-9ʼ$€£¥' ~ clause_ends() ~ 'À-ʯͰ-῿぀-퟿豈-﫿]+', ' ') }}
{%- endmacro %}


{#- What ends a clause: a negation before it says nothing about what stands behind it. -#}
{% macro clause_ends() -%}
.,!?;。，！？；
{%- endmacro %}
