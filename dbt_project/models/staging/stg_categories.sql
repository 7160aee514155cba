with base as (

    select * from {{ ref('base_categories') }}

),

final as (

    select
        category_id,
        source_category_id,
        parent_category_id,
        name,
        sort_order,
        is_deleted,
        updated_at,
        _source,
        _file,
        _batch_id,
        _row_number,
        _extracted_at,
        _extra
    from base
    where _disposition = 'staged'

)

select * from final
