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
        cast(refund_id as varchar) as refund_id,
        cast(order_id as varchar) as order_id,
        cast(line_id as varchar) as line_id,
        cast(case when is_known_at_as_of_date then customer_id end as varchar) as customer_id,
        cast(kind as varchar) as kind,
        cast(reason as varchar) as reason,
        cast(
            case when is_known_at_as_of_date then delivered_currency else own_currency end as varchar
        ) as delivered_currency,
        cast(delivered_amount as decimal(18, 2)) as delivered_amount,
        cast(case when is_known_at_as_of_date then amount else 0 end as decimal(18, 2)) as amount,
        cast(case when is_known_at_as_of_date then cost_credit else 0 end as decimal(18, 2)) as cost_credit,
        cast(counts and is_known_at_as_of_date as boolean) as is_counted,
        cast(is_known_at_as_of_date as boolean) as is_known_order,
        cast(case when is_known_at_as_of_date then refund_date else delivered_refund_date end as date) as refund_date,
        cast(refunded_at as timestamp) as refunded_at
    from known

)

select * from final
