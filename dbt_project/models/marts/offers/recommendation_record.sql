with days as (

    select {{ add_days(as_of_date(), 0 - var('recommendation_backtest_days')) }} as observed_on

),

recommendations as (

    select recommendations.*
    from {{ ref('feat_recommendations') }} as recommendations
    inner join days
        on recommendations.observed_on = days.observed_on

),

bought_before as (

    select bought.*
    from {{ ref('feat_customer_products') }} as bought
    inner join days
        on bought.observed_on = days.observed_on

),

order_lines as (

    select * from {{ ref('feat_order_lines') }}
    where
        not is_return
        and quantity > 0
        and customer_id is not null

),

offers as (

    select offers.*
    from {{ ref('feat_product_offers') }} as offers
    inner join days
        on offers.observed_on = days.observed_on
    where
        offers.is_offered
        and offers.price > 0

),

bought_since as (

    select distinct
        order_lines.customer_id,
        order_lines.product_id
    from order_lines
    inner join days
        on order_lines.order_date > days.observed_on

),

persons as (

    select
        customer_id,
        count(*) as recommendation_count
    from recommendations
    group by customer_id

),

most_popular as (

    select
        product_id,
        row_number() over (order by buyers desc, product_id asc) as place
    from offers

),

-- the same persons, as many products, nothing that they have bought already: what everybody would be shown
popular_ranked as (

    select
        persons.customer_id,
        persons.recommendation_count,
        most_popular.product_id,
        row_number() over (partition by persons.customer_id order by most_popular.place) as place
    from persons
    inner join most_popular
        on most_popular.place <= 100
    left join bought_before
        on
            persons.customer_id = bought_before.customer_id
            and most_popular.product_id = bought_before.product_id
    where bought_before.customer_id is null

),

shown as (

    select
        'all' as kind,
        customer_id,
        product_id
    from recommendations
    union all
    select
        kind,
        customer_id,
        product_id
    from recommendations
    union all
    select
        'most_popular' as kind,
        customer_id,
        product_id
    from popular_ranked
    where place <= recommendation_count

),

judged as (

    select
        shown.kind,
        count(*) as recommendations,
        count(distinct shown.customer_id) as customers,
        count(bought_since.product_id) as hits,
        count(distinct bought_since.customer_id) as customers_with_a_hit
    from shown
    left join bought_since
        on
            shown.customer_id = bought_since.customer_id
            and shown.product_id = bought_since.product_id
    group by shown.kind

),

final as (

    select
        cast(judged.kind as varchar) as kind,
        cast(judged.recommendations as bigint) as recommendations,
        cast(judged.customers as bigint) as customers,
        cast(judged.hits as bigint) as hits,
        cast({{ ratio('judged.hits', 'judged.recommendations') }} as double precision) as hit_rate_at_10,
        cast({{ ratio('judged.customers_with_a_hit', 'judged.customers') }} as double precision) as customers_hit_share,
        cast({{ ratio('popular.hits', 'popular.recommendations') }} as double precision) as popular_hit_rate_at_10,
        cast(days.observed_on as date) as recommended_on,
        {{ as_of_date() }} as as_of_date
    from judged
    cross join days
    left join judged as popular
        on popular.kind = 'most_popular'

)

select * from final
