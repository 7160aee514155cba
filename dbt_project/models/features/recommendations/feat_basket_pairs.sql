with order_lines as (

    select * from {{ ref('feat_order_lines') }}
    where
        not is_return
        and quantity > 0

),

products as (

    select * from {{ ref('feat_products') }}
    where not is_non_product

),

days as (

    {{ recommendation_days() }}

),

bought as (

    select
        days.observed_on,
        order_lines.order_id,
        products.product_id,
        products.category_id
    from order_lines
    inner join products
        on order_lines.product_id = products.product_id
    inner join days
        on
            order_lines.order_date <= days.observed_on
            and order_lines.order_date > {{ add_days('days.observed_on', 0 - var('pairs_window_days')) }}

),

items as (

    select distinct
        observed_on,
        'product' as level,
        order_id,
        product_id as item_id
    from bought
    union all
    select distinct
        observed_on,
        'category' as level,
        order_id,
        category_id as item_id
    from bought
    where category_id is not null

),

sized as (

    select
        *,
        count(*) over (partition by observed_on, level, order_id) as item_count
    from items

),

basket_totals as (

    select
        observed_on,
        level,
        count(distinct case when item_count <= {{ var('max_basket_items') }} then order_id end) as baskets,
        count(distinct case when item_count > {{ var('max_basket_items') }} then order_id end) as left_out_baskets
    from sized
    group by observed_on, level

),

-- a pair cannot be more frequent than either of its items; a number, because baskets are joined with themselves
item_totals as (

    select
        observed_on,
        level,
        item_id,
        count(*) as basket_count,
        row_number() over (order by observed_on, level, item_id) as item_number
    from sized
    where item_count <= {{ var('max_basket_items') }}
    group by observed_on, level, item_id
    having count(*) >= {{ var('min_pair_orders') }}

),

frequent as (

    select
        sized.observed_on,
        sized.level,
        sized.order_id,
        item_totals.item_number
    from sized
    inner join item_totals
        on
            sized.observed_on = item_totals.observed_on
            and sized.level = item_totals.level
            and sized.item_id = item_totals.item_id
    where sized.item_count <= {{ var('max_basket_items') }}

),

pairs as (

    select
        one.item_number as item_number_a,
        other.item_number as item_number_b,
        count(*) as n_ab
    from frequent as one
    inner join frequent as other
        on
            one.observed_on = other.observed_on
            and one.level = other.level
            and one.order_id = other.order_id
            and one.item_number < other.item_number
    group by one.item_number, other.item_number
    having count(*) >= {{ var('min_pair_orders') }}

),

counted as (

    select
        items_a.observed_on,
        items_a.level,
        items_a.item_id as item_id_a,
        items_b.item_id as item_id_b,
        basket_totals.baskets,
        basket_totals.left_out_baskets,
        items_a.basket_count as n_a,
        items_b.basket_count as n_b,
        pairs.n_ab,
        cast(items_a.basket_count as double precision) * items_b.basket_count
        / nullif(cast(basket_totals.baskets as double precision), 0) as expected
    from pairs
    inner join item_totals as items_a
        on pairs.item_number_a = items_a.item_number
    inner join item_totals as items_b
        on pairs.item_number_b = items_b.item_number
    inner join basket_totals
        on
            items_a.observed_on = basket_totals.observed_on
            and items_a.level = basket_totals.level

),

final as (

    select
        observed_on,
        level,
        item_id_a,
        item_id_b,
        baskets,
        left_out_baskets,
        n_a,
        n_b,
        n_ab,
        {{ ratio('n_ab', 'baskets') }} as support,
        {{ ratio('n_ab', 'n_a') }} as confidence_ab,
        {{ ratio('n_ab', 'n_b') }} as confidence_ba,
        {{ ratio('n_ab', 'expected') }} as lift,
        {{ ratio('n_ab', '(expected + 1)') }} as score,
        n_ab > expected + 1 + 2.58 * sqrt(expected) as is_notable
    from counted

)

select * from final
