with orders as (

    select * from {{ ref('base_orders') }}

),

order_lines as (

    select * from {{ ref('base_order_lines') }}

),

final as (

    select
        order_id,
        _changed_in
    from orders
    where order_id is not null
    union all
    select
        order_id,
        _changed_in
    from order_lines
    where order_id is not null

)

select * from final
