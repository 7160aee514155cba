{#- Whether a negation stands close enough before a keyword to deny what it says.

    `before` is the clause up to the keyword, in plain_text(). A Chinese negation ends within the four characters before it, an English
    one is among the three words before it. Words of `negation_exceptions` hold a negation in writing and none in meaning: they are
    covered by as many characters as they have. -#}
{% macro is_negated(before) -%}
    {%- set covered = namespace(text='rtrim(' ~ before ~ ')') -%}
    {%- for word in words_of_var('negation_exceptions') -%}
        {%- set covered.text = "replace(" ~ covered.text ~ ", '" ~ word ~ "', '" ~ ('口' * word | length) ~ "')" -%}
    {%- endfor -%}
    {%- set chinese = '(' ~ words_of_var('negations_zh') | join('|') ~ ').{0,' ~ (var('negation_characters') | int - 1) ~ '}$' -%}
    {%- set english_words = (words_of_var('negations_en') + ['[a-z]+nʼt']) | join('|') -%}
    {%- set english = '(^| )(' ~ english_words ~ ') ([^ ]+ ){0,' ~ (var('negation_words') | int - 1) ~ '}$' -%}
    (
        {{ (replaced_all(covered.text, chinese, '') ~ ' <> ' ~ covered.text) if words_of_var('negations_zh') else 'false' }}
        or {{ replaced_all('rtrim(' ~ before ~ ") || ' '", english, '') }} <> rtrim({{ before }}) || ' '
    )
{%- endmacro %}


{#- The words of a var, which is a text with commas between; a word is letters alone, so that it is one in a pattern and in SQL. -#}
{% macro words_of_var(name) -%}
    {%- set words = [] -%}
    {%- for part in (var(name) | string).replace('，', ',').split(',') if part | trim -%}
        {%- set word = part | trim | lower -%}
        {%- if not word.isalpha() -%}
            {%- do exceptions.raise_compiler_error("var " ~ name ~ " must be words with commas between, not '" ~ word ~ "'") -%}
        {%- endif -%}
        {%- do words.append(word) -%}
    {%- endfor -%}
    {{ return(words) }}
{%- endmacro %}
