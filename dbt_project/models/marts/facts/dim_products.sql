with products as (

    select * from {{ ref('feat_products') }}

),

final as (

    select
        cast(product_id as varchar) as product_id,
        cast(source_product_id as varchar) as source_product_id,
        cast(category_id as varchar) as category_id,
        cast(product_name as varchar) as product_name,
        cast(brand as varchar) as brand,
        cast(category_path as varchar) as category_path,
        cast(list_price as decimal(18, 2)) as list_price,
        cast(unit_cost as decimal(18, 2)) as unit_cost,
        cast(is_active as boolean) as is_active,
        cast(in_stock as boolean) as in_stock,
        cast(is_non_product as boolean) as is_non_product,
        cast(is_inferred as boolean) as is_inferred,
        cast(first_order_date as date) as first_order_date,
        {{ as_of_date() }} as as_of_date
    from products

)

select * from final
