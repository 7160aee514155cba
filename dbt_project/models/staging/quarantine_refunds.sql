with quarantined as (

    select * from {{ ref('base_refunds') }}
    where _disposition = 'quarantined'

),

landed as (

    select * from {{ source('landing', 'refunds') }}

),

{{ quarantine_ctes([
    'refund_id',
    'order_id',
    'line_id',
    'refunded_at',
    'amount',
    'currency',
    'reason',
    'updated_at',
    'is_deleted',
]) }}

select * from final
