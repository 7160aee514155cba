with quarantined as (

    select * from {{ ref('base_products') }}
    where _disposition = 'quarantined'

),

landed as (

    select * from {{ source('landing', 'products') }}

),

{{ quarantine_ctes([
    'product_id',
    'name',
    'brand',
    'list_price',
    'unit_cost',
    'currency',
    'is_active',
    'updated_at',
    'is_deleted',
]) }}

select * from final
