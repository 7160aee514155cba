with base as (

    select * from {{ ref('base_order_lines') }}

),

final as (

    select
        order_id,
        source_order_id,
        product_id,
        line_id,
        quantity,
        unit_price,
        amount,
        discount_amount,
        unit_cost,
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
