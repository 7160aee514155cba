{#- A channel by the one name that it has among contacts: email, sms or phone; any other as it was delivered, in lower case. -#}
{% macro contact_channel(column) -%}
    case
            when lower({{ column }}) in ('email', 'e-mail', 'mail', 'newsletter', '邮件', '电子邮件', '邮箱') then 'email'
            when lower({{ column }}) in ('sms', 'text', 'text message', '短信') then 'sms'
            when lower({{ column }}) in ('phone', 'call', 'telephone', '电话') then 'phone'
            else nullif(lower({{ column }}), '')
        end
{%- endmacro %}
