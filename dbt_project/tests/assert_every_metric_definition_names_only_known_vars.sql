-- Detects: a placeholder `{name}` in a published definition that no var filled in.
-- Usual cause: braces in the seed metric_definitions that hold anything else than the name of a var.
-- A row: the metric whose text still holds a brace.
{{ config(tags=['candidate']) }}

with catalog as (

    select * from {{ ref('metric_catalog') }}

),

final as (

    select
        catalog.metric,
        catalog.definition,
        catalog.formula
    from catalog
    where
        position('{' in catalog.definition || catalog.formula || catalog.unit) > 0
        or position('}' in catalog.definition || catalog.formula || catalog.unit) > 0

)

select * from final
