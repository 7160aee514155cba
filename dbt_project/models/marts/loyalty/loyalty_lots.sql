with lots as (

    select * from {{ ref('feat_loyalty_lots') }}
    where lot_number > 0

),

final as (

    select
        cast(transaction_id as varchar) as lot_id,
        cast(customer_id as varchar) as customer_id,
        cast(source as varchar) as source,
        cast(points as decimal(18, 2)) as lot_points,
        cast(used_points as decimal(18, 2)) as used_points,
        cast(expired_points as decimal(18, 2)) as expired_points,
        cast(open_points as decimal(18, 2)) as open_points,
        cast(occurred_date as date) as earned_date,
        cast(expires_date as date) as expires_date,
        cast(expired_date as date) as expired_date,
        {{ as_of_date() }} as as_of_date,
        cast(occurred_at as timestamp) as earned_at,
        cast(expires_at as timestamp) as expires_at
    from lots

)

select * from final
