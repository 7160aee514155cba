{#- What of a telephone number is dialled: its digits and a leading +, for which 00 stands too. Full-width digits are digits.
    The (0) that people write into international numbers is not dialled. Nothing is dialled
    of a number in scientific notation (1.38E+10 is many numbers), nor of one digit again and again. The erasure reads this macro, so that both
    compare by the same; the one thing of a dialect in it is replaced_all. -#}
{% macro dialled_digits(phone) -%}
    case
            when translate(lower({{ phone }}), '0123456789., ', '') in ('e', 'e+') then null
            when length(replace({{ plain_digits(phone) }}, substr({{ plain_digits(phone) }}, 2, 1), '')) <= 1 then null
            else {{ plain_digits(phone) }}
        end
{%- endmacro %}


{% macro plain_digits(phone) -%}
    {%- set western = "translate(" ~ phone ~ ", '０１２３４５６７８９＋（）', '0123456789+()')" -%}
    {%- set undoubled = replaced_all(western, '^([ (]*[+]|[ ]*00)(.*)[(]0[)]', '\\1\\2') -%}
    {%- set digits = replaced_all(undoubled, '[^0-9+]', '') -%}
    {{ replaced_all(replaced_all(digits, '([0-9])[+]+', '\\1'), '^(00|[+]+)', '+') }}
{%- endmacro %}


{#- The E.164 number of what is dialled: a number without + is national, so its trunk prefix makes way for the calling code
    of the country. Where it begins with that code, is no national number as it stands and would be one behind the code, the
    code is its own: 8613812345678 in China, as libphonenumber reads it too. Null unless it has 8 to 15 digits, the first of
    which is no 0, and where the country is not known.

    A trunk prefix is only dropped if enough digits are left: 812 123 45 67 in Russia begins with an area code, not with 8. -#}
{% macro e164(dialled, country) -%}
    {%- set national = without_trunk_prefix(dialled, country) -%}
    {%- set behind = "substr(" ~ dialled ~ ", length(" ~ country ~ ".calling_code) + 1)" -%}
    {%- set rest = without_trunk_prefix(behind, country) -%}
    {%- set completed -%}
    {{ country }}.calling_code || case
                when {{ dialled }} like {{ country }}.calling_code || '%' then case
                    when
                        not {{ fits_whole(national, country ~ '.national_pattern') }}
                        and {{ fits_whole(rest, country ~ '.national_pattern') }}
                        then {{ rest }}
                    else {{ national }}
                end
                else {{ national }}
            end
    {%- endset -%}
    case
            when {{ dialled }} like '+0%' or {{ dialled }} = '' then null
            when {{ dialled }} like '+%' then case when length({{ dialled }}) between 9 and 16 then {{ dialled }} end
            when length({{ completed }}) between 8 and 15 then '+' || {{ completed }}
        end
{%- endmacro %}


{#- A national number without the prefix that is dialled in front of it within the country. -#}
{% macro without_trunk_prefix(number, country) -%}
    {%- set trunk = country ~ '.trunk_prefix' -%}
    case
                when
                    {{ number }} like {{ trunk }} || '%'
                    and length({{ number }}) - length({{ trunk }}) >= {{ country }}.shortest_number
                    then substr({{ number }}, length({{ trunk }}) + 1)
                else {{ number }}
            end
{%- endmacro %}
