with base as (

    select * from {{ ref('base_orders') }}

),

final as (

    select
        order_id,
        source_order_id,
        customer_id,
        campaign_id,
        status,
        delivered_status,
        currency,
        channel,
        subtotal_amount,
        discount_amount,
        tax_amount,
        shipping_amount,
        total_amount,
        exchange_rate,
        is_deleted,
        order_date,
        ordered_at,
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
