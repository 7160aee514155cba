with quarantined as (

    select * from {{ ref('base_exchange_rates') }}
    where _disposition = 'quarantined'

),

landed as (

    select * from {{ source('landing', 'exchange_rates') }}

),

{{ quarantine_ctes([
    'rate_date',
    'from_currency',
    'to_currency',
    'rate',
    'updated_at',
    'is_deleted',
]) }}

select * from final
