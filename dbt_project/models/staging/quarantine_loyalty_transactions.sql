with quarantined as (

    select * from {{ ref('base_loyalty_transactions') }}
    where _disposition = 'quarantined'

),

landed as (

    select * from {{ source('landing', 'loyalty_transactions') }}

),

{{ quarantine_ctes([
    'transaction_id',
    'customer_id',
    'occurred_at',
    'kind',
    'points',
    'order_id',
    'updated_at',
    'is_deleted',
]) }}

select * from final
