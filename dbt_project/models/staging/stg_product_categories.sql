with base as (

    select * from {{ ref('base_product_categories') }}

),

final as (

    select
        product_id,
        source_product_id,
        category_id,
        is_primary,
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
