with quarantined as (

    select * from {{ ref('base_campaign_contacts') }}
    where _disposition = 'quarantined'

),

landed as (

    select * from {{ source('landing', 'campaign_contacts') }}

),

{{ quarantine_ctes([
    'campaign_id',
    'customer_id',
    'sent_at',
    'arm',
    'opened_at',
    'clicked_at',
    'responded_at',
    'cost_amount',
    'updated_at',
    'is_deleted',
]) }}

select * from final
