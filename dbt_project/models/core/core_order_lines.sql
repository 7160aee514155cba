{{ config(materialized='view') }}

with order_lines as (

    select * from {{ ref('int_order_lines_value') }}

),

final as (

    select
        order_id,
        line_id,
        product_id,
        customer_id,
        quantity,
        delivered_amount,
        cast(case when is_excluded then 0 else gross_revenue end as decimal(18, 2)) as gross_revenue,
        cast(case when is_excluded then 0 else discounts end as decimal(18, 2)) as discounts,
        cast(case when is_excluded then 0 else cost end as decimal(18, 2)) as cost,
        is_known_order,
        is_counted and not is_excluded as is_counted,
        is_return,
        is_cost_estimated and not is_excluded as is_cost_estimated,
        order_date,
        ordered_at
    from order_lines

)

select * from final
