with refunds as (

    select * from {{ ref('core_refunds') }}
    where delivered_refund_date <= {{ as_of_date() }}

),

-- at D, an order of a later day is as unknown as one that was never delivered
known as (

    select
        *,
        is_known_order and order_date <= {{ as_of_date() }} as is_known_at_as_of_date
    from refunds

),

final as (

    select
        refund_id,
        order_id,
        line_id,
        case when is_known_at_as_of_date then customer_id end as customer_id,
        kind,
        reason,
        case when is_known_at_as_of_date then delivered_currency else own_currency end as delivered_currency,
        delivered_amount,
        case when is_known_at_as_of_date then amount else 0 end as amount,
        case when is_known_at_as_of_date then cost_credit else 0 end as cost_credit,
        is_counted and is_known_at_as_of_date as is_counted,
        is_known_at_as_of_date as is_known_order,
        case when is_known_at_as_of_date then refund_date else delivered_refund_date end as refund_date,
        refunded_at
    from known

)

select * from final
