with quarantined as (

    select * from {{ ref('base_product_categories') }}
    where _disposition = 'quarantined'

),

landed as (

    select * from {{ source('landing', 'product_categories') }}

),

{{ quarantine_ctes([
    'product_id',
    'category_id',
    'is_primary',
    'updated_at',
    'is_deleted',
]) }}

select * from final
