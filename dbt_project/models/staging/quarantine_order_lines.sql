with quarantined as (

    select * from {{ ref('base_order_lines') }}
    where _disposition = 'quarantined'

),

landed as (

    select * from {{ source('landing', 'order_lines') }}

),

{{ quarantine_ctes([
    'order_id',
    'line_id',
    'product_id',
    'quantity',
    'unit_price',
    'amount',
    'discount_amount',
    'unit_cost',
    'updated_at',
    'is_deleted',
]) }}

select * from final
