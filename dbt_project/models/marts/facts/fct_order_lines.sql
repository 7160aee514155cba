with order_lines as (

    select * from {{ ref('feat_all_order_lines') }}

),

refunds as (

    select * from {{ ref('feat_refunds') }}
    where line_id is not null

),

refund_totals as (

    select
        order_id,
        line_id,
        sum(amount) as refunds,
        sum(cost_credit) as cost_credit
    from refunds
    group by order_id, line_id

),

with_refunds as (

    select
        order_lines.*,
        coalesce(refund_totals.refunds, 0) as refunds,
        order_lines.cost - coalesce(refund_totals.cost_credit, 0) as cost_after_credits
    from order_lines
    left join refund_totals
        on
            order_lines.order_id = refund_totals.order_id
            and order_lines.line_id = refund_totals.line_id

),

final as (

    select
        cast(order_id as varchar) as order_id,
        cast(line_id as varchar) as line_id,
        cast(product_id as varchar) as product_id,
        cast(customer_id as varchar) as customer_id,
        cast(quantity as decimal(18, 6)) as quantity,
        cast(gross_revenue as decimal(18, 2)) as gross_revenue,
        cast(discounts as decimal(18, 2)) as discounts,
        cast(refunds as decimal(18, 2)) as refunds,
        cast(gross_revenue - discounts - refunds as decimal(18, 2)) as net_revenue,
        cast(cost_after_credits as decimal(18, 2)) as cost,
        cast(gross_revenue - discounts - refunds - cost_after_credits as decimal(18, 2)) as gross_margin,
        cast(delivered_amount as decimal(18, 2)) as delivered_amount,
        cast(is_counted as boolean) as is_counted,
        cast(is_return as boolean) as is_return,
        cast(is_cost_estimated as boolean) as is_cost_estimated,
        cast(order_date as date) as order_date,
        cast(ordered_at as timestamp) as ordered_at
    from with_refunds

)

select * from final
