with quarantined as (

    select * from {{ ref('base_orders') }}
    where _disposition = 'quarantined'

),

landed as (

    select * from {{ source('landing', 'orders') }}

),

{{ quarantine_ctes([
    'order_id',
    'customer_id',
    'ordered_at',
    'status',
    'currency',
    'channel',
    'subtotal_amount',
    'discount_amount',
    'tax_amount',
    'shipping_amount',
    'total_amount',
    'campaign_id',
    'updated_at',
    'is_deleted',
]) }}

select * from final
