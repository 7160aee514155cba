with quarantined as (

    select * from {{ ref('base_customers') }}
    where _disposition = 'quarantined'

),

landed as (

    select * from {{ source('landing', 'customers') }}

),

{{ quarantine_ctes([
    'customer_id',
    'created_at',
    'first_name',
    'last_name',
    'full_name',
    'email',
    'phone',
    'birth_date',
    'gender',
    'income_band',
    'education',
    'occupation',
    'household_size',
    'marital_status',
    'country',
    'region',
    'city',
    'postal_code',
    'acquisition_channel',
    'acquisition_campaign_id',
    'referrer_customer_id',
    'account_id',
    'language',
    'marketing_consent',
    'interests',
    'external_ids',
    'updated_at',
    'is_deleted',
]) }}

select * from final
