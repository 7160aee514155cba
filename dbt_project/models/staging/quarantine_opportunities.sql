with quarantined as (

    select * from {{ ref('base_opportunities') }}
    where _disposition = 'quarantined'

),

landed as (

    select * from {{ source('landing', 'opportunities') }}

),

{{ quarantine_ctes([
    'opportunity_id',
    'account_id',
    'customer_id',
    'name',
    'stage',
    'amount',
    'currency',
    'created_at',
    'closed_at',
    'is_won',
    'updated_at',
    'is_deleted',
]) }}

select * from final
