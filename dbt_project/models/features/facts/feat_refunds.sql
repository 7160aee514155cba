with refunds as (

    select * from {{ ref('feat_all_refunds') }}
    where is_counted

),

final as (

    select
        refund_id,
        order_id,
        line_id,
        customer_id,
        kind,
        reason,
        amount,
        cost_credit,
        refund_date,
        refunded_at
    from refunds

)

select * from final
