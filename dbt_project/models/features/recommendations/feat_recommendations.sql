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
placed as (

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

-- the better a pair, the smaller its number: the best of a customer's pairs is a minimum, and no long rows are sorted
partners as (

    select
        placed.observed_on,
        placed.product_id,
        placed.anchor_id,
        placed.confidence,
        placed.score,
        case
            when
                placed.confidence >= {{ var('attached_min_confidence') }}
                and placed.price * 3 <= anchors.price
                then 'attached_sell'
            else 'cross_sell'
        end as kind,
        row_number() over (
            order by placed.observed_on asc, placed.score desc, placed.product_id asc, placed.anchor_id asc
        ) as pair_number
    from placed
    inner join offers as anchors
        on
            placed.observed_on = anchors.observed_on
            and placed.anchor_id = anchors.product_id
    where placed.place <= {{ var('max_partners') }}

),

best_pairs as (

    select
        recently.observed_on,
        recently.customer_id,
        partners.product_id,
        min(partners.pair_number) as pair_number
    from recently
    inner join partners
        on
            recently.observed_on = partners.observed_on
            and recently.product_id = partners.anchor_id
    group by recently.observed_on, recently.customer_id, partners.product_id

),

-- what somebody has bought already, or gave back, is nothing new
fresh_pairs as (

    select
        best_pairs.customer_id,
        best_pairs.pair_number,
        row_number() over (
            partition by best_pairs.observed_on, best_pairs.customer_id, partners.kind
            order by best_pairs.pair_number
        ) as place
    from best_pairs
    inner join partners
        on best_pairs.pair_number = partners.pair_number
    left join bought
        on
            best_pairs.observed_on = bought.observed_on
            and best_pairs.customer_id = bought.customer_id
            and best_pairs.product_id = bought.product_id
    where bought.customer_id is null

),

partnered as (

    select
        partners.observed_on,
        fresh_pairs.customer_id,
        partners.product_id,
        partners.anchor_id as because_of,
        partners.kind,
        partners.confidence,
        partners.score
    from fresh_pairs
    inner join partners
        on fresh_pairs.pair_number = partners.pair_number
    where fresh_pairs.place <= 10

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

fresh_up_sells as (

    select up_sells.*
    from up_sells
    left join bought
        on
            up_sells.observed_on = bought.observed_on
            and up_sells.customer_id = bought.customer_id
            and up_sells.product_id = bought.product_id
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
    from partnered
    union all
    select
        observed_on,
        customer_id,
        product_id,
        because_of,
        'up_sell' as kind,
        confidence,
        score
    from fresh_up_sells
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
