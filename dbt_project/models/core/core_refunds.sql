{{ config(materialized='view') }}

with refunds as (

    select * from {{ ref('int_refunds_value') }}

),

final as (

    select
        refund_id,
        order_id,
        line_id,
        customer_id,
        kind,
        reason,
        own_currency,
        currency as delivered_currency,
        delivered_amount,
        cast(case when is_excluded then 0 else amount end as decimal(18, 2)) as amount,
        cast(case when is_excluded then 0 else cost_credit end as decimal(18, 2)) as cost_credit,
        is_known_order,
        is_excluded,
        is_counted and not is_excluded as is_counted,
        order_date,
        delivered_refund_date,
        refund_date,
        refunded_at
    from refunds

)

select * from final
