-- Detects: a tree of categories, or a circle, that goes on above as many steps as are followed: its paths are cut.
-- Usual cause: a source links a category to something that is no parent; if the tree is that deep, category_depth().
-- A row: a category with so many above it, and the last one looked at.
{{ config(tags=['state']) }}

select
    ancestors.category_id,
    ancestors.ancestor_id
from {{ ref('int_categories_trace') }} as ancestors
inner join {{ ref('int_categories_arrange') }} as categories
    on ancestors.ancestor_id = categories.category_id
where
    ancestors.distance = {{ category_depth() }}
    and categories.parent_category_id is not null
