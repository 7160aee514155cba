with quarantined as (

    select * from {{ ref('base_web_events') }}
    where _disposition = 'quarantined'

),

landed as (

    select * from {{ source('landing', 'web_events') }}

),

{{ quarantine_ctes([
    'event_id',
    'customer_id',
    'anonymous_id',
    'occurred_at',
    'name',
    'page',
    'product_id',
    'session_id',
    'device',
    'utm_source',
    'utm_medium',
    'utm_campaign',
    'updated_at',
    'is_deleted',
]) }}

select * from final
