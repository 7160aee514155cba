with categories as (

    select * from {{ ref('stg_categories') }}

),

ancestors as (

    select * from {{ ref('int_categories_trace') }}

),

placed as (

    select
        categories.category_id,
        categories.source_category_id,
        coalesce(categories.name, categories.source_category_id) as category_name,
        parents.ancestor_id as parent_category_id,
        coalesce(categories.sort_order, 9223372036854775807) as delivered_sort_order
    from categories
    left join ancestors as parents
        on
            categories.category_id = parents.category_id
            and parents.distance = 1

),

siblings as (

    select
        *,
        lpad(
            cast(
                row_number() over (
                    partition by parent_category_id
                    order by delivered_sort_order, category_name, category_id
                ) as varchar
            ),
            8,
            '0'
        ) as place
    from placed

),

above as (

    select
        ancestors.category_id,
        {{ string_list('siblings.category_name', 'ancestors.distance desc', ' > ') }} as path,
        {{ string_list('siblings.place', 'ancestors.distance desc', '') }} as places,
        count(*) as level
    from ancestors
    inner join siblings
        on ancestors.ancestor_id = siblings.category_id
    group by ancestors.category_id

),

tree as (

    select
        siblings.category_id,
        siblings.source_category_id,
        siblings.parent_category_id,
        siblings.category_name,
        coalesce(above.path || ' > ', '') || siblings.category_name as path,
        coalesce(above.places, '') || siblings.place as places,
        cast(coalesce(above.level, 0) + 1 as integer) as level
    from siblings
    left join above
        on siblings.category_id = above.category_id

),

final as (

    select
        category_id,
        source_category_id,
        parent_category_id,
        category_name,
        path,
        level,
        row_number() over (order by places) as sort_order
    from tree

)

select * from final
