with categories as (

    select * from {{ ref('int_categories_arrange') }}

),

final as (

    select
        cast(category_id as varchar) as category_id,
        cast(source_category_id as varchar) as source_category_id,
        cast(parent_category_id as varchar) as parent_category_id,
        cast(category_name as varchar) as category_name,
        cast(path as varchar) as path,
        cast(level as integer) as level,
        cast(sort_order as integer) as sort_order,
        {{ as_of_date() }} as as_of_date
    from categories

)

select * from final
