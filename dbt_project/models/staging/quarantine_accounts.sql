with quarantined as (

    select * from {{ ref('base_accounts') }}
    where _disposition = 'quarantined'

),

landed as (

    select * from {{ source('landing', 'accounts') }}

),

{{ quarantine_ctes([
    'account_id',
    'name',
    'industry',
    'employee_count',
    'annual_revenue',
    'currency',
    'country',
    'region',
    'city',
    'parent_account_id',
    'created_at',
    'updated_at',
    'is_deleted',
]) }}

select * from final
