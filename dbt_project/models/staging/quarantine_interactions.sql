with quarantined as (

    select * from {{ ref('base_interactions') }}
    where _disposition = 'quarantined'

),

landed as (

    select * from {{ source('landing', 'interactions') }}

),

{{ quarantine_ctes([
    'interaction_id',
    'customer_id',
    'email',
    'phone',
    'occurred_at',
    'channel',
    'direction',
    'kind',
    'outcome',
    'updated_at',
    'is_deleted',
]) }}

select * from final
