with order_lines as (

    select * from {{ ref('feat_order_lines') }}
    where
        customer_id is not null
        and product_id is not null

),

refunds as (

    select * from {{ ref('feat_refunds') }}
    where line_id is not null

),

days as (

    {{ recommendation_days() }}

),

-- by order first: counting distinct orders of a million small groups takes longer than all the rest
product_orders as (

    select
        customer_id,
        product_id,
        order_date,
        order_id,
        sum(quantity) as quantity,
        sum(gross_revenue) as gross_revenue
    from order_lines
    where
        not is_return
        and quantity > 0
    group by customer_id, product_id, order_date, order_id

),

product_days as (

    select
        customer_id,
        product_id,
        order_date,
        count(*) as order_count,
        sum(quantity) as quantity,
        sum(gross_revenue) as gross_revenue
    from product_orders
    group by customer_id, product_id, order_date

),

spaced as (

    select
        *,
        {{ days_between(
            'lag(order_date) over (partition by customer_id, product_id order by order_date)', 'order_date'
        ) }} as gap_days
    from product_days

),

bought as (

    select
        days.observed_on,
        spaced.customer_id,
        spaced.product_id,
        sum(spaced.order_count) as order_count,
        count(*) as purchase_days,
        sum(spaced.quantity) as quantity,
        sum(spaced.gross_revenue) as gross_revenue,
        {{ median('spaced.gap_days') }} as median_gap_days,
        count(spaced.gap_days) as gap_count,
        max(spaced.order_date) as last_order_date
    from spaced
    inner join days
        on spaced.order_date <= days.observed_on
    group by days.observed_on, spaced.customer_id, spaced.product_id

),

-- a line that came back, delivered as a refund of it or as a line of its own
given_back as (

    select distinct
        days.observed_on,
        order_lines.customer_id,
        order_lines.product_id
    from order_lines
    inner join refunds
        on
            order_lines.order_id = refunds.order_id
            and order_lines.line_id = refunds.line_id
    inner join days
        on refunds.refund_date <= days.observed_on

),

final as (

    select
        coalesce(bought.observed_on, given_back.observed_on) as observed_on,
        coalesce(bought.customer_id, given_back.customer_id) as customer_id,
        coalesce(bought.product_id, given_back.product_id) as product_id,
        coalesce(bought.order_count, 0) as order_count,
        coalesce(bought.purchase_days, 0) as purchase_days,
        coalesce(bought.quantity, 0) as quantity,
        coalesce(bought.gross_revenue, 0) as gross_revenue,
        bought.median_gap_days,
        coalesce(bought.gap_count, 0) as gap_count,
        given_back.customer_id is not null as is_given_back,
        bought.last_order_date
    from bought
    full outer join given_back
        on
            bought.observed_on = given_back.observed_on
            and bought.customer_id = given_back.customer_id
            and bought.product_id = given_back.product_id

)

select * from final
