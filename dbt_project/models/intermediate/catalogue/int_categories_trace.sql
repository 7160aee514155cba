{{ config(materialized='table') }}

with categories as (

    select * from {{ ref('stg_categories') }}

),

steps as (

    {{ number_series(1, category_depth(), column='distance') }}

),

chains as (

    {{ category_chains('categories') }}

),

stepped as (

    select
        chains.category_id,
        steps.distance,
        case steps.distance
            {%- for step in range(1, category_depth() + 1) %}
            when {{ step }} then chains.ancestor_{{ step }}
            {%- endfor %}
        end as ancestor_id
    from chains
    cross join steps

),

ancestors as (

    select
        category_id,
        ancestor_id,
        min(distance) as distance
    from stepped
    where ancestor_id is not null
    group by category_id, ancestor_id

),

-- a category that stands above itself is in a circle, which is cut open above its first category
circle_heads as (

    select category_id
    from ancestors
    group by category_id
    having
        max(case when ancestor_id = category_id then 1 else 0 end) = 1
        and min(ancestor_id) = category_id

),

cut as (

    select
        ancestors.category_id,
        ancestors.ancestor_id,
        ancestors.distance,
        min(case when circle_heads.category_id is not null then ancestors.distance end)
            over (partition by ancestors.category_id) as last_distance
    from ancestors
    left join circle_heads
        on ancestors.ancestor_id = circle_heads.category_id

),

final as (

    select
        cut.category_id,
        cut.ancestor_id,
        cut.distance
    from cut
    left join circle_heads
        on cut.category_id = circle_heads.category_id
    where
        circle_heads.category_id is null
        and (cut.last_distance is null or cut.distance <= cut.last_distance)

)

select * from final
