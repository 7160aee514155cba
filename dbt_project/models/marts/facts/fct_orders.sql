with orders as (

    select * from {{ ref('feat_all_orders') }}

),

refunds as (

    select * from {{ ref('feat_refunds') }}

),

refund_totals as (

    select
        order_id,
        sum(amount) as refunds,
        sum(cost_credit) as cost_credit
    from refunds
    group by order_id

),

with_refunds as (

    select
        orders.*,
        coalesce(refund_totals.refunds, 0) as refunds,
        orders.cost - coalesce(refund_totals.cost_credit, 0) as cost_after_credits
    from orders
    left join refund_totals
        on orders.order_id = refund_totals.order_id

),

final as (

    select
        cast(order_id as varchar) as order_id,
        cast(source_order_id as varchar) as source_order_id,
        cast(customer_id as varchar) as customer_id,
        cast(campaign_id as varchar) as campaign_id,
        cast(status as varchar) as status,
        cast(delivered_status as varchar) as delivered_status,
        cast(channel as varchar) as channel,
        cast(delivered_currency as varchar) as delivered_currency,
        cast(order_number as bigint) as order_number,
        cast(gross_revenue as decimal(18, 2)) as gross_revenue,
        cast(discounts as decimal(18, 2)) as discounts,
        cast(order_discount as decimal(18, 2)) as order_discount,
        cast(refunds as decimal(18, 2)) as refunds,
        cast(gross_revenue - discounts - refunds as decimal(18, 2)) as net_revenue,
        cast(cost_after_credits as decimal(18, 2)) as cost,
        cast(gross_revenue - discounts - refunds - cost_after_credits as decimal(18, 2)) as gross_margin,
        cast(delivered_amount as decimal(18, 2)) as delivered_amount,
        cast(is_valid as boolean) as is_valid,
        cast(coalesce(order_number = 1, false) as boolean) as is_first_order,
        cast(is_return_document as boolean) as is_return_document,
        cast(is_excluded as boolean) as is_excluded,
        cast(is_cost_estimated as boolean) as is_cost_estimated,
        cast(order_date as date) as order_date,
        cast(ordered_at as timestamp) as ordered_at
    from with_refunds

)

select * from final
