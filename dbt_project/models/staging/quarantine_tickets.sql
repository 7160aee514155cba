with quarantined as (

    select * from {{ ref('base_tickets') }}
    where _disposition = 'quarantined'

),

landed as (

    select * from {{ source('landing', 'tickets') }}

),

{{ quarantine_ctes([
    'ticket_id',
    'customer_id',
    'email',
    'phone',
    'kind',
    'created_at',
    'first_response_at',
    'resolved_at',
    'status',
    'channel',
    'topic',
    'text',
    'csat_score',
    'updated_at',
    'is_deleted',
]) }}

select * from final
