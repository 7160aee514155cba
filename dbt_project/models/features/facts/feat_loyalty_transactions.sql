with transactions as (

    select
        *,
        {{ business_date('occurred_at') }} as occurred_date
    from {{ ref('int_loyalty_transactions_assign') }}

),

excluded_customers as (

    select * from {{ ref('int_customers_exclude') }}

),

final as (

    select
        transactions.transaction_id,
        transactions.source_transaction_id,
        transactions.customer_id,
        transactions.order_id,
        {{ source_name('transactions.transaction_id') }} as source,
        transactions.kind,
        transactions.delivered_kind,
        {{ money('transactions.points') }} as delivered_points,
        -- what redeems or expires takes away, however its sign was delivered
        case
            when transactions.kind in ('redeem', 'expire') then 0 - abs({{ money('transactions.points') }})
            else {{ money('transactions.points') }}
        end as points,
        excluded_customers.customer_id is null as is_counted,
        transactions.occurred_date,
        transactions.occurred_at,
        transactions.expires_at
    from transactions
    left join excluded_customers
        on transactions.customer_id = excluded_customers.customer_id
    where transactions.occurred_date <= {{ as_of_date() }}

)

select * from final
