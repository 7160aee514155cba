{{ config(materialized='table') }}

with product_categories as (

    select * from {{ ref('stg_product_categories') }}

),

categories as (

    select * from {{ ref('int_categories_arrange') }}

),

ancestors as (

    select * from {{ ref('int_categories_trace') }}

),

-- every category of a product and all that stand above it
placed as (

    select
        product_id,
        category_id
    from product_categories
    union all
    select
        product_categories.product_id,
        ancestors.ancestor_id as category_id
    from product_categories
    inner join ancestors
        on product_categories.category_id = ancestors.category_id

),

-- two branches of one root meet in it once; categories of one name at one place, from two sources, are one interest
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
