with base as (

    select * from {{ ref('base_loyalty_transactions') }}

),

final as (

    select
        transaction_id,
        source_transaction_id,
        customer_id,
        order_id,
        kind,
        points,
        is_deleted,
        occurred_at,
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
