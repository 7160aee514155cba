with product_categories as (

    select * from {{ ref('stg_product_categories') }}

),

categories as (

    select * from {{ ref('stg_categories') }}

),

-- the one marked as primary; without a mark, or with several, the first by id
ranked as (

    select
        product_categories.product_id,
        product_categories.category_id,
        row_number() over (
            partition by product_categories.product_id
            order by
                case when product_categories.is_primary then 0 else 1 end,
                product_categories.category_id
        ) as choice
    from product_categories
    inner join categories
        on product_categories.category_id = categories.category_id

),

final as (

    select
        product_id,
        category_id
    from ranked
    where choice = 1

)

select * from final
