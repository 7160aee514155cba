{#- The attributes of a customer that survivorship_rules decide on when several records say something. -#}
{% macro surviving_attributes() -%}
{{ return([
    'acquisition_campaign_id',
    'referrer_customer_id',
    'account_id',
    'gender',
    'income_band',
    'education',
    'occupation',
    'marital_status',
    'country',
    'region',
    'city',
    'acquisition_channel',
    'language',
    'preferred_channel',
    'interests',
    'household_size',
    'marketing_consent',
    'email_consent',
    'sms_consent',
    'phone_consent',
    'birth_date',
    'consent_updated_at',
]) }}
{%- endmacro %}
