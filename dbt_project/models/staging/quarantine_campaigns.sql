with quarantined as (

    select * from {{ ref('base_campaigns') }}
    where _disposition = 'quarantined'

),

landed as (

    select * from {{ source('landing', 'campaigns') }}

),

{{ quarantine_ctes([
    'campaign_id',
    'name',
    'channel',
    'objective',
    'started_at',
    'ended_at',
    'cost_amount',
    'currency',
    'updated_at',
    'is_deleted',
]) }}

select * from final
