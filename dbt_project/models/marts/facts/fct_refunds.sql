with refunds as (

    select * from {{ ref('feat_all_refunds') }}

),

final as (

    select
        cast(refund_id as varchar) as refund_id,
        cast(order_id as varchar) as order_id,
        cast(line_id as varchar) as line_id,
        cast(customer_id as varchar) as customer_id,
        cast(kind as varchar) as kind,
        cast(reason as varchar) as reason,
        cast(delivered_currency as varchar) as delivered_currency,
        cast(delivered_amount as decimal(18, 2)) as delivered_amount,
        cast(amount as decimal(18, 2)) as amount,
        cast(cost_credit as decimal(18, 2)) as cost_credit,
        cast(is_counted as boolean) as is_counted,
        cast(is_known_order as boolean) as is_known_order,
        cast(refund_date as date) as refund_date,
        cast(refunded_at as timestamp) as refunded_at
    from refunds

)

select * from final
