with recursive categories as (

    select * from {{ ref('stg_categories') }}

),

-- every pair of a category and one of its ancestors; a set, so that a circle of parents ends
ancestors as (

    select
        child.category_id,
        parent.category_id as ancestor_id
    from categories as child
    inner join categories as parent
        on child.parent_category_id = parent.category_id
    union
    select
        ancestors.category_id,
        parent.category_id as ancestor_id
    from ancestors
    inner join categories as child
        on ancestors.ancestor_id = child.category_id
    inner join categories as parent
        on child.parent_category_id = parent.category_id

),

in_circles as (

    select category_id
    from ancestors
    where category_id = ancestor_id

),

-- a circle is cut open above its first category
circle_heads as (

    select
        ancestors.category_id,
        min(ancestors.ancestor_id) as head_id
    from ancestors
    inner join in_circles
        on ancestors.category_id = in_circles.category_id
    group by ancestors.category_id

),

placed as (

    select
        categories.category_id,
        categories.source_category_id,
        coalesce(categories.name, categories.source_category_id) as category_name,
        case
            when circle_heads.category_id is null or circle_heads.category_id <> circle_heads.head_id
                then parents.category_id
        end as parent_category_id,
        coalesce(categories.sort_order, 9223372036854775807) as delivered_sort_order
    from categories
    left join categories as parents
        on categories.parent_category_id = parents.category_id
    left join circle_heads
        on categories.category_id = circle_heads.category_id

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

tree as (

    select
        category_id,
        source_category_id,
        parent_category_id,
        category_name,
        category_name as path,
        place as places,
        1 as level
    from siblings
    where parent_category_id is null
    union all
    select
        siblings.category_id,
        siblings.source_category_id,
        siblings.parent_category_id,
        siblings.category_name,
        tree.path || ' > ' || siblings.category_name as path,
        tree.places || siblings.place as places,
        tree.level + 1 as level
    from tree
    inner join siblings
        on tree.category_id = siblings.parent_category_id

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
