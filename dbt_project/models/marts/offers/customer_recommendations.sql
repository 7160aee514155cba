with customers as (

    select * from {{ ref('feat_customers_known') }}

),

recommendations as (

    select * from {{ ref('feat_recommendations') }}
    where observed_on = {{ as_of_date() }}

),

bought as (

    select * from {{ ref('feat_customer_products') }}
    where observed_on = {{ as_of_date() }}

),

offers as (

    select * from {{ ref('feat_product_offers') }}
    where observed_on = {{ as_of_date() }}

),

customer_categories as (

    select * from {{ ref('feat_customer_categories') }}
    where level = 1

),

product_categories as (

    select * from {{ ref('int_products_list_categories') }}
    where level = 1

),

segments as (

    select * from {{ ref('customer_segments') }}
    where segmentation = 'demographic'

),

margins as (

    select * from {{ ref('feat_margin_rate') }}

),

-- the category that a segment spends most on, and what most people buy of it
segment_categories as (

    select
        segments.segment,
        customer_categories.path,
        row_number() over (
            partition by segments.segment
            order by sum(customer_categories.net_revenue) desc, customer_categories.path asc
        ) as place
    from segments
    inner join customer_categories
        on segments.customer_id = customer_categories.customer_id
    group by segments.segment, customer_categories.path

),

category_offers as (

    select
        product_categories.path,
        offers.product_id,
        offers.buyers,
        offers.price,
        row_number() over (
            partition by product_categories.path
            order by offers.buyers desc, offers.product_id asc
        ) as place
    from offers
    inner join product_categories
        on offers.product_id = product_categories.product_id
    where
        offers.is_offered
        and offers.price > 0

),

buyer_total as (

    select count(distinct customer_id) as buyers
    from bought
    where last_order_date > {{ add_days(as_of_date(), 0 - var('pairs_window_days')) }}

),

partnered as (

    select distinct customer_id
    from recommendations
    where kind in ('cross_sell', 'attached_sell')

),

-- for whom nobody else's baskets say anything; a few more than ten, since some are bought already
popular as (

    select
        customers.customer_id,
        category_offers.product_id,
        category_offers.path as because_of,
        {{ ratio('category_offers.buyers', 'buyer_total.buyers') }} as confidence,
        cast(category_offers.buyers as double precision) as score,
        category_offers.price,
        {{ cents(
            ratio('category_offers.buyers', 'buyer_total.buyers') ~ ' * category_offers.price * margins.margin_rate'
        ) }} as expected_margin
    from customers
    inner join segments
        on customers.customer_id = segments.customer_id
    inner join segment_categories
        on
            segments.segment = segment_categories.segment
            and segment_categories.place = 1
    inner join category_offers
        on
            segment_categories.path = category_offers.path
            and category_offers.place <= {{ var('max_partners') }}
    cross join buyer_total
    cross join margins
    left join partnered
        on customers.customer_id = partnered.customer_id
    left join bought
        on
            customers.customer_id = bought.customer_id
            and category_offers.product_id = bought.product_id
    left join recommendations
        on
            customers.customer_id = recommendations.customer_id
            and category_offers.product_id = recommendations.product_id
    where
        partnered.customer_id is null
        and bought.customer_id is null
        and recommendations.customer_id is null

),

everything as (

    select
        customer_id,
        product_id,
        because_of,
        kind,
        confidence,
        score,
        price,
        expected_margin
    from recommendations
    union all
    select
        customer_id,
        product_id,
        because_of,
        'popular' as kind,
        confidence,
        score,
        price,
        expected_margin
    from popular

),

-- what everybody buys comes after what the customer's own purchases say
ranked as (

    select
        everything.*,
        row_number() over (
            partition by everything.customer_id
            order by
                case when everything.kind = 'popular' then 1 else 0 end,
                everything.expected_margin desc,
                everything.score desc,
                everything.product_id asc
        ) as recommendation_rank
    from everything
    inner join customers
        on everything.customer_id = customers.customer_id

),

final as (

    select
        cast(customer_id as varchar) as customer_id,
        cast(product_id as varchar) as product_id,
        cast(kind as varchar) as kind,
        cast(because_of as varchar) as because_of,
        cast(recommendation_rank as integer) as recommendation_rank,
        cast(score as double precision) as score,
        cast(confidence as double precision) as confidence,
        cast(price as decimal(18, 2)) as price,
        cast(expected_margin as decimal(18, 2)) as expected_margin,
        {{ as_of_date() }} as as_of_date
    from ranked
    where recommendation_rank <= 10

)

select * from final
