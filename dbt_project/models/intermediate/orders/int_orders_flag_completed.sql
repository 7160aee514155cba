with orders as (

    select * from {{ ref('stg_orders') }}

),

merged as (

    select * from {{ ref('int_records_merge') }}

),

excluded_customers as (

    select * from {{ ref('int_customers_exclude') }}

),

-- from here on an order is the person's, whichever record of theirs ordered
assigned as (

    select
        orders.*,
        coalesce(merged.customer_id, orders.customer_id) as person_id
    from orders
    left join merged
        on orders.customer_id = merged.record_id

),

final as (

    select
        assigned.order_id,
        assigned.person_id as customer_id,
        assigned.customer_id as record_id,
        assigned.campaign_id,
        assigned.status,
        assigned.delivered_status,
        assigned.channel,
        assigned.currency,
        assigned.exchange_rate,
        assigned.subtotal_amount,
        assigned.discount_amount,
        assigned.status = 'completed' as is_completed,
        excluded_customers.customer_id is not null as is_excluded,
        assigned.order_date,
        assigned.ordered_at
    from assigned
    left join excluded_customers
        on assigned.person_id = excluded_customers.customer_id

)

select * from final
