with bought as (

    select * from {{ ref('feat_customer_products') }}
    where purchase_days > 0

),

order_lines as (

    select * from {{ ref('feat_order_lines') }}
    where
        not is_return
        and quantity > 0
        and product_id is not null

),

products as (

    select * from {{ ref('feat_products') }}

),

days as (

    {{ recommendation_days() }}

),

-- what it was sold for lately, guests included: the price where none is listed
paid as (

    select
        days.observed_on,
        order_lines.product_id,
        sum(order_lines.gross_revenue) as gross_revenue,
        sum(order_lines.quantity) as quantity
    from order_lines
    inner join days
        on
            order_lines.order_date <= days.observed_on
            and order_lines.order_date > {{ add_days('days.observed_on', 0 - var('pairs_window_days')) }}
    group by days.observed_on, order_lines.product_id

),

buyers as (

    select
        observed_on,
        product_id,
        sum(
            case
                when last_order_date > {{ add_days('observed_on', 0 - var('pairs_window_days')) }} then 1 else 0
            end
        ) as buyers,
        count(*) as buyers_ever,
        sum(case when purchase_days > 1 then 1 else 0 end) as repeat_buyers_ever
    from bought
    group by observed_on, product_id

),

-- the product's own rhythm, where enough customers show one
gaps as (

    select
        observed_on,
        product_id,
        {{ median('median_gap_days') }} as median_gap_days
    from bought
    where gap_count > 0
    group by observed_on, product_id
    having
        sum(gap_count) >= {{ var('replenish_min_gaps') }}
        and count(*) >= {{ var('replenish_min_customers') }}

),

final as (

    select
        buyers.observed_on,
        products.product_id,
        products.category_id,
        buyers.buyers,
        buyers.buyers_ever,
        coalesce(
            products.list_price,
            {{ cents(ratio('paid.gross_revenue', 'paid.quantity')) }}
        ) as price,
        {{ ratio('buyers.repeat_buyers_ever', 'buyers.buyers_ever') }} as repeat_rate,
        gaps.median_gap_days,
        not products.is_non_product
        and coalesce(products.is_active, true)
        and coalesce(products.in_stock, true) as is_offered,
        row_number() over (
            partition by buyers.observed_on, products.category_id
            order by buyers.buyers desc, products.product_id asc
        ) as place_in_category
    from buyers
    inner join products
        on buyers.product_id = products.product_id
    left join paid
        on
            buyers.observed_on = paid.observed_on
            and buyers.product_id = paid.product_id
    left join gaps
        on
            buyers.observed_on = gaps.observed_on
            and buyers.product_id = gaps.product_id

)

select * from final
