-- Detects: categories whose parent is unknown, or who are their own ancestors; dim_categories makes roots of them.
-- Usual cause: a parent that was deleted in the shop, or two categories moved below each other.
-- A row: a category that was made a root.
{{ config(tags=['candidate'], severity='warn') }}

with categories as (

    select * from {{ ref('stg_categories') }}

),

placed as (

    select * from {{ ref('dim_categories') }}

),

final as (

    select
        categories.category_id,
        categories.parent_category_id as delivered_parent_category_id
    from categories
    inner join placed
        on categories.category_id = placed.category_id
    where
        categories.parent_category_id is not null
        and placed.parent_category_id is null

)

select * from final
