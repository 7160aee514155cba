with purchase_days as (

    select * from {{ ref('core_purchase_days') }}
    where purchase_date <= {{ as_of_date() }}

),

final as (

    select
        customer_id,
        purchase_number,
        gap_days,
        median_gap_days,
        earlier_median_gap_days,
        order_count,
        gross_revenue,
        discounts,
        orders_so_far,
        bought_so_far,
        first_purchase_date,
        purchase_date,
        -- of a later day nothing is known at D
        case when next_purchase_date <= {{ as_of_date() }} then next_purchase_date end as next_purchase_date
    from purchase_days

)

select * from final
