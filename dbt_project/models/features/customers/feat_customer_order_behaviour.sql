with orders as (

    select * from {{ ref('feat_orders') }}
    where customer_id is not null

),

purchase_days as (

    select * from {{ ref('feat_purchase_days') }}

),

channels as (

    select
        customer_id,
        channel,
        count(*) as order_count,
        sum(case when discounts > 0 then 1 else 0 end) as discounted_orders,
        max(ordered_at) as last_ordered_at
    from orders
    group by customer_id, channel

),

-- the channel of most orders; of equal ones the most recent, then the first by alphabet. No channel is none of them
ranked as (

    select
        *,
        row_number() over (
            partition by customer_id
            order by
                case when channel is null then 1 else 0 end asc,
                order_count desc,
                last_ordered_at desc,
                channel asc
        ) as place
    from channels

),

totalled as (

    select
        customer_id,
        max(case when place = 1 then channel end) as main_channel,
        sum(discounted_orders) as discounted_orders
    from ranked
    group by customer_id

),

days_in_window as (

    select
        customer_id,
        count(*) as purchase_days_in_window
    from purchase_days
    where {{ days_between('purchase_date', as_of_date()) }} < {{ var('frequency_window_days') }}
    group by customer_id

),

final as (

    select
        totalled.customer_id,
        totalled.main_channel,
        cast(totalled.discounted_orders as bigint) as discounted_orders,
        coalesce(days_in_window.purchase_days_in_window, 0) as purchase_days_in_window
    from totalled
    left join days_in_window
        on totalled.customer_id = days_in_window.customer_id

)

select * from final
