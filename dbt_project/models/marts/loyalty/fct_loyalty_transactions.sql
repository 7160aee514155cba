with transactions as (

    select * from {{ ref('feat_loyalty_transactions') }}

),

final as (

    select
        cast(transaction_id as varchar) as transaction_id,
        cast(source_transaction_id as varchar) as source_transaction_id,
        cast(customer_id as varchar) as customer_id,
        cast(order_id as varchar) as order_id,
        cast(kind as varchar) as kind,
        cast(delivered_kind as varchar) as delivered_kind,
        cast(delivered_points as decimal(18, 2)) as delivered_points,
        cast(case when is_counted then points else 0 end as decimal(18, 2)) as points,
        cast(is_counted as boolean) as is_counted,
        cast(occurred_date as date) as occurred_date,
        cast(occurred_at as timestamp) as occurred_at,
        cast(expires_at as timestamp) as expires_at
    from transactions

)

select * from final
