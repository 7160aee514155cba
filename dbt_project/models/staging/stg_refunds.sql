with base as (

    select * from {{ ref('base_refunds') }}

),

final as (

    select
        refund_id,
        source_refund_id,
        order_id,
        line_id,
        currency,
        reason,
        amount,
        exchange_rate,
        is_deleted,
        refund_date,
        refunded_at,
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
