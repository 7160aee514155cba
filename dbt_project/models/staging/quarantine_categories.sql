with quarantined as (

    select * from {{ ref('base_categories') }}
    where _disposition = 'quarantined'

),

landed as (

    select * from {{ source('landing', 'categories') }}

),

{{ quarantine_ctes([
    'category_id',
    'parent_category_id',
    'name',
    'sort_order',
    'updated_at',
    'is_deleted',
]) }}

select * from final
