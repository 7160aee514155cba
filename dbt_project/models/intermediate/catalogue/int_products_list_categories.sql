{{ config(materialized='table') }}

with recursive product_categories as (

    select * from {{ ref('stg_product_categories') }}

),

categories as (

    select * from {{ ref('int_categories_arrange') }}

),

-- every category of a product and all that stand above it; a set, so that two branches of one root meet in it once
placed as (

    select
        product_categories.product_id,
        categories.category_id
    from product_categories
    inner join categories
        on product_categories.category_id = categories.category_id
    union
    select
        placed.product_id,
        categories.parent_category_id as category_id
    from placed
    inner join categories
        on placed.category_id = categories.category_id
    where categories.parent_category_id is not null

),

-- categories of the same name at the same place, from two sources, are one interest
final as (

    select distinct
        placed.product_id,
        categories.level,
        categories.category_name,
        categories.path
    from placed
    inner join categories
        on placed.category_id = categories.category_id

)

select * from final
