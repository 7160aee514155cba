with bought as (

    select * from {{ ref('feat_customer_products') }}

),

offers as (

    select * from {{ ref('feat_product_offers') }}

),

pairs as (

    select * from {{ ref('feat_basket_pairs') }}
    where
        level = 'product'
        and is_notable

),

margins as (

    select * from {{ ref('feat_margin_rate') }}

),

recently as (

    select *
    from bought
    where
        purchase_days > 0
        and last_order_date > {{ add_days('observed_on', 0 - var('pairs_window_days')) }}

),

both_ways as (

    select
        observed_on,
        item_id_a as anchor_id,
        item_id_b as product_id,
        confidence_ab as confidence,
        score
    from pairs
    union all
    select
        observed_on,
        item_id_b as anchor_id,
        item_id_a as product_id,
        confidence_ba as confidence,
        score
    from pairs

),

-- so many at most: rows stay within a multiple of the lines
partners as (

    select
        both_ways.*,
        offers.price,
        row_number() over (
            partition by both_ways.observed_on, both_ways.anchor_id
            order by both_ways.score desc, both_ways.product_id asc
        ) as place
    from both_ways
    inner join offers
        on
            both_ways.observed_on = offers.observed_on
            and both_ways.product_id = offers.product_id
    where
        offers.is_offered
        and offers.price > 0

),

partnered as (

    select
        recently.observed_on,
        recently.customer_id,
        partners.product_id,
        partners.anchor_id as because_of,
        partners.confidence,
        partners.score,
        row_number() over (
            partition by recently.observed_on, recently.customer_id, partners.product_id
            order by partners.score desc, partners.anchor_id asc
        ) as place,
        case
            when
                partners.confidence >= {{ var('attached_min_confidence') }}
                and partners.price * 3 <= anchors.price
                then 'attached_sell'
            else 'cross_sell'
        end as kind
    from recently
    inner join partners
        on
            recently.observed_on = partners.observed_on
            and recently.product_id = partners.anchor_id
    inner join offers as anchors
        on
            recently.observed_on = anchors.observed_on
            and recently.product_id = anchors.product_id
    where partners.place <= {{ var('max_partners') }}

),

categories as (

    select
        recently.observed_on,
        recently.customer_id,
        offers.category_id,
        {{ ratio('sum(recently.gross_revenue)', 'sum(recently.quantity)') }} as unit_price
    from recently
    inner join offers
        on
            recently.observed_on = offers.observed_on
            and recently.product_id = offers.product_id
    where offers.category_id is not null
    group by recently.observed_on, recently.customer_id, offers.category_id

),

category_buyers as (

    select
        observed_on,
        category_id,
        count(*) as buyers
    from categories
    group by observed_on, category_id

),

up_sells as (

    select
        categories.observed_on,
        categories.customer_id,
        offers.product_id,
        categories.category_id as because_of,
        {{ ratio('offers.buyers', 'category_buyers.buyers') }} as confidence,
        cast(offers.buyers as double precision) as score
    from categories
    inner join offers
        on
            categories.observed_on = offers.observed_on
            and categories.category_id = offers.category_id
    inner join category_buyers
        on
            categories.observed_on = category_buyers.observed_on
            and categories.category_id = category_buyers.category_id
    where
        offers.place_in_category <= {{ var('max_partners') }}
        and offers.is_offered
        and cast(offers.price as double precision) between 1.1 * categories.unit_price and 2 * categories.unit_price

),

due as (

    select
        bought.observed_on,
        bought.customer_id,
        bought.product_id,
        bought.product_id as because_of,
        offers.repeat_rate as confidence,
        {{ ratio(
            days_between('bought.last_order_date', 'bought.observed_on'),
            'case when bought.gap_count >= 2 then bought.median_gap_days else offers.median_gap_days end'
        ) }} as score
    from bought
    inner join offers
        on
            bought.observed_on = offers.observed_on
            and bought.product_id = offers.product_id
    where
        bought.purchase_days > 0
        and not bought.is_given_back
        and offers.is_offered
        and offers.price > 0

),

candidates as (

    select
        observed_on,
        customer_id,
        product_id,
        because_of,
        kind,
        confidence,
        score
    from partnered
    where place = 1
    union all
    select
        observed_on,
        customer_id,
        product_id,
        because_of,
        'up_sell' as kind,
        confidence,
        score
    from up_sells

),

-- what somebody has bought already, or gave back, is nothing new
fresh as (

    select candidates.*
    from candidates
    left join bought
        on
            candidates.observed_on = bought.observed_on
            and candidates.customer_id = bought.customer_id
            and candidates.product_id = bought.product_id
    where bought.customer_id is null

),

proposed as (

    select
        observed_on,
        customer_id,
        product_id,
        because_of,
        kind,
        confidence,
        score
    from fresh
    union all
    select
        observed_on,
        customer_id,
        product_id,
        because_of,
        'replenish' as kind,
        confidence,
        score
    from due
    where score between 0.9 and 3

),

best_of_kind as (

    select
        *,
        row_number() over (
            partition by observed_on, customer_id, kind
            order by score desc, product_id asc
        ) as place
    from proposed

),

valued as (

    select
        best_of_kind.observed_on,
        best_of_kind.customer_id,
        best_of_kind.product_id,
        best_of_kind.because_of,
        best_of_kind.kind,
        best_of_kind.confidence,
        best_of_kind.score,
        offers.price,
        {{ cents('best_of_kind.confidence * offers.price * margins.margin_rate') }} as expected_margin
    from best_of_kind
    inner join offers
        on
            best_of_kind.observed_on = offers.observed_on
            and best_of_kind.product_id = offers.product_id
    cross join margins
    where best_of_kind.place <= 10

),

-- one product is proposed once, for the reason that promises most
distinct_products as (

    select
        *,
        row_number() over (
            partition by observed_on, customer_id, product_id
            order by expected_margin desc, kind asc
        ) as place_of_product
    from valued

),

ranked as (

    select
        observed_on,
        customer_id,
        product_id,
        because_of,
        kind,
        confidence,
        score,
        price,
        expected_margin,
        row_number() over (
            partition by observed_on, customer_id
            order by expected_margin desc, score desc, product_id asc
        ) as recommendation_rank
    from distinct_products
    where place_of_product = 1

),

final as (

    select * from ranked
    where recommendation_rank <= 10

)

select * from final
