with product_categories as (

    select * from {{ ref('stg_product_categories') }}

),

chosen as (

    select * from {{ ref('int_products_choose_category') }}

),

categories as (

    select * from {{ ref('int_categories_arrange') }}

),

final as (

    select
        cast(product_categories.product_id as varchar) as product_id,
        cast(product_categories.category_id as varchar) as category_id,
        cast(categories.path as varchar) as path,
        cast(categories.level as integer) as level,
        cast(categories.sort_order as integer) as sort_order,
        chosen.category_id is not null as is_primary,
        {{ as_of_date() }} as as_of_date
    from product_categories
    inner join categories
        on product_categories.category_id = categories.category_id
    left join chosen
        on
            product_categories.product_id = chosen.product_id
            and product_categories.category_id = chosen.category_id

)

select * from final
