with base as (

    select * from {{ ref('base_products') }}

),

final as (

    select
        product_id,
        source_product_id,
        name,
        brand,
        currency,
        list_price,
        unit_cost,
        exchange_rate,
        is_active,
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
