with order_lines as (

    select * from {{ ref('int_order_lines_value') }}

),

-- a line of an unknown order has no day, so it brings no product into being
final as (

    select
        product_id,
        min(order_date) as first_order_date
    from order_lines
    where
        product_id is not null
        and order_date is not null
    group by product_id

)

select * from final
