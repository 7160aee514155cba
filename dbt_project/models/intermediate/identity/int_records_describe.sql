{%- set from_leads = {'acquisition_channel': 'source'} %}
{%- set types = {
    'household_size': 'bigint',
    'marketing_consent': 'boolean',
    'email_consent': 'boolean',
    'sms_consent': 'boolean',
    'phone_consent': 'boolean',
    'birth_date': 'date',
    'consent_updated_at': 'timestamp',
} %}

with customers as (

    select * from {{ ref('stg_customers') }}

),

leads as (

    select * from {{ ref('stg_leads') }}

),

final as (

    select
        customer_id as record_id,
        _source as source,
        {%- for attribute in surviving_attributes() %}
        {{ attribute }},
        {%- endfor %}
        created_at,
        updated_at,
        _extracted_at
    from customers
    union all
    select
        {{ lead_record_id() }} as record_id,
        _source as source,
        {%- for attribute in surviving_attributes() %}
        {%- if attribute in from_leads %}
        {{ from_leads[attribute] }} as {{ attribute }},
        {%- else %}
        cast(null as {{ types.get(attribute, 'varchar') }}) as {{ attribute }},
        {%- endif %}
        {%- endfor %}
        created_at,
        updated_at,
        _extracted_at
    from leads

)

select * from final
