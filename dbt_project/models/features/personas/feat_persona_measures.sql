with customers as (

    select * from {{ ref('feat_customer_attributes') }}
    where order_count > 0

),

final as (

    select
        customer_id,
        cast(days_since_last_order as double precision) as recency_days,
        cast(purchase_days as double precision) as purchase_days,
        cast(greatest(average_order_value, 0) as double precision) as order_value,
        cast(discounted_share as double precision) as discounted_share,
        -- a customer may give back what was bought before the data begin
        cast(least(refund_share, 1) as double precision) as refund_share,
        cast(gap_days as double precision) as gap_days,
        cast(days_since_first_order as double precision) as tenure_days,
        cast(category_count as double precision) as category_count
    from customers

)

select * from final
