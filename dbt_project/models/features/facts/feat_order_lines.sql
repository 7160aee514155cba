with order_lines as (

    select * from {{ ref('feat_all_order_lines') }}
    where is_counted

),

final as (

    select
        order_id,
        line_id,
        product_id,
        customer_id,
        quantity,
        gross_revenue,
        discounts,
        cost,
        is_return,
        is_cost_estimated,
        order_date,
        ordered_at
    from order_lines

)

select * from final
