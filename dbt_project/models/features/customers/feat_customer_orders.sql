with customers as (

    select * from {{ ref('feat_customers_known') }}

),

orders as (

    select * from {{ ref('feat_orders') }}
    where customer_id is not null

),

refunds as (

    select * from {{ ref('feat_refunds') }}
    where customer_id is not null

),

purchase_days as (

    select * from {{ ref('feat_purchase_days') }}

),

tickets as (

    select * from {{ ref('feat_tickets') }}

),

contacts as (

    select * from {{ ref('feat_campaign_contacts') }}

),

order_totals as (

    select
        customer_id,
        max(order_number) as order_count,
        sum(gross_revenue) as gross_revenue,
        sum(discounts) as discounts,
        sum(cost) as cost,
        min(order_date) as first_order_date,
        max(order_date) as last_order_date,
        min(ordered_at) as first_order_at,
        max(ordered_at) as last_order_at
    from orders
    group by customer_id

),

refund_totals as (

    select
        customer_id,
        sum(amount) as refunds,
        sum(cost_credit) as cost_credit
    from refunds
    group by customer_id

),

day_totals as (

    select
        customer_id,
        count(*) as purchase_days
    from purchase_days
    group by customer_id

),

ticket_totals as (

    select
        customer_id,
        count(*) as ticket_count
    from tickets
    where customer_id is not null
    group by customer_id

),

contact_totals as (

    select
        customer_id,
        sum(cost_amount) as campaign_cost
    from contacts
    group by customer_id

),

totalled as (

    select
        customers.customer_id,
        coalesce(order_totals.order_count, 0) as order_count,
        coalesce(day_totals.purchase_days, 0) as purchase_days,
        coalesce(ticket_totals.ticket_count, 0) as ticket_count,
        coalesce(order_totals.gross_revenue, 0) as gross_revenue,
        coalesce(order_totals.discounts, 0) as discounts,
        coalesce(refund_totals.refunds, 0) as refunds,
        coalesce(order_totals.cost, 0) - coalesce(refund_totals.cost_credit, 0) as cost,
        coalesce(contact_totals.campaign_cost, 0) as campaign_cost,
        customers.is_inferred,
        customers.first_seen_date,
        order_totals.first_order_date,
        order_totals.last_order_date,
        order_totals.first_order_at,
        order_totals.last_order_at
    from customers
    left join order_totals
        on customers.customer_id = order_totals.customer_id
    left join refund_totals
        on customers.customer_id = refund_totals.customer_id
    left join day_totals
        on customers.customer_id = day_totals.customer_id
    left join ticket_totals
        on customers.customer_id = ticket_totals.customer_id
    left join contact_totals
        on customers.customer_id = contact_totals.customer_id

),

valued as (

    select
        *,
        gross_revenue - discounts - refunds as net_revenue,
        gross_revenue - discounts - refunds - cost as gross_margin
    from totalled

),

final as (

    select
        customer_id,
        order_count,
        purchase_days,
        ticket_count,
        cast(gross_revenue as decimal(18, 2)) as gross_revenue,
        cast(discounts as decimal(18, 2)) as discounts,
        cast(refunds as decimal(18, 2)) as refunds,
        cast(net_revenue as decimal(18, 2)) as net_revenue,
        cast(cost as decimal(18, 2)) as cost,
        cast(gross_margin as decimal(18, 2)) as gross_margin,
        cast(campaign_cost as decimal(18, 2)) as campaign_cost,
        cast(
            gross_margin - {{ money('ticket_count', var('cost_per_ticket')) }} - campaign_cost as decimal(18, 2)
        ) as margin,
        {{ amount_per('gross_revenue - discounts', 'order_count') }} as average_order_value,
        is_inferred,
        first_seen_date,
        first_order_date,
        last_order_date,
        first_order_at,
        last_order_at
    from valued

)

select * from final
