with refunds as (

    select * from {{ ref('core_refunds') }}
    where
        is_counted
        and customer_id is not null

),

days as (

    select
        customer_id,
        refund_date,
        sum(amount) as amount
    from refunds
    group by customer_id, refund_date

),

final as (

    select
        customer_id,
        refund_date,
        cast(amount as decimal(18, 2)) as amount,
        cast(
            sum(amount) over (
                partition by customer_id order by refund_date
                rows between unbounded preceding and current row
            ) as decimal(18, 2)
        ) as refunded_so_far,
        lead(refund_date) over (partition by customer_id order by refund_date) as next_refund_date
    from days

)

select * from final
