with quarantined as (

    select * from {{ ref('base_marketing_spend') }}
    where _disposition = 'quarantined'

),

landed as (

    select * from {{ source('landing', 'marketing_spend') }}

),

{{ quarantine_ctes([
    'spend_date',
    'channel',
    'campaign_id',
    'amount',
    'currency',
    'updated_at',
    'is_deleted',
]) }}

select * from final
