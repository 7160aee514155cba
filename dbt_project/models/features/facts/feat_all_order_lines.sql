with order_lines as (

    select * from {{ ref('core_order_lines') }}
    where order_date <= {{ as_of_date() }}

),

final as (

    select
        order_id,
        line_id,
        product_id,
        customer_id,
        quantity,
        delivered_amount,
        gross_revenue,
        discounts,
        cost,
        is_counted,
        is_return,
        is_cost_estimated,
        order_date,
        ordered_at
    from order_lines

)

select * from final
