with quarantined as (

    select * from {{ ref('base_leads') }}
    where _disposition = 'quarantined'

),

landed as (

    select * from {{ source('landing', 'leads') }}

),

{{ quarantine_ctes([
    'lead_id',
    'created_at',
    'email',
    'phone',
    'full_name',
    'source',
    'status',
    'converted_customer_id',
    'converted_at',
    'updated_at',
    'is_deleted',
]) }}

select * from final
