with products as (

    select * from {{ ref('stg_products') }}

),

first_lines as (

    select * from {{ ref('int_products_find_first_line') }}
    where first_order_date <= {{ as_of_date() }}

),

chosen_categories as (

    select * from {{ ref('int_products_choose_category') }}

),

categories as (

    select * from {{ ref('int_categories_arrange') }}

),

non_products as (

    select * from {{ ref('non_products') }}

),

-- the rate in force at D
rates as (

    select
        currency,
        exchange_rate
    from {{ ref('base_reporting_rates') }}
    where
        rate_day = {{ as_of_date() }}
        or (is_last and rate_day < {{ as_of_date() }})
    union all
    select
        '{{ reporting_currency() }}' as currency,
        1 as exchange_rate

),

everything as (

    select
        coalesce(products.product_id, first_lines.product_id) as product_id,
        products.source_product_id,
        products.name,
        products.brand,
        products.currency,
        products.list_price,
        products.unit_cost,
        products.is_active,
        products.in_stock,
        products.product_id is null as is_inferred,
        first_lines.first_order_date
    from products
    full outer join first_lines
        on products.product_id = first_lines.product_id

),

described as (

    select
        everything.product_id,
        coalesce(everything.source_product_id, {{ source_id('everything.product_id') }}) as source_product_id,
        chosen_categories.category_id,
        everything.name as product_name,
        everything.brand,
        categories.path as category_path,
        {{ money('everything.list_price', 'rates.exchange_rate') }} as list_price,
        {{ money('everything.unit_cost', 'rates.exchange_rate') }} as unit_cost,
        everything.is_active,
        everything.in_stock,
        everything.is_inferred,
        everything.first_order_date
    from everything
    left join rates
        on everything.currency = rates.currency
    left join chosen_categories
        on everything.product_id = chosen_categories.product_id
    left join categories
        on chosen_categories.category_id = categories.category_id

),

texts as (

    select
        product_id,
        'source_product_id' as column_name,
        lower(source_product_id) as compared
    from described
    union all
    select
        product_id,
        'product_name' as column_name,
        lower(product_name) as compared
    from described
    where product_name is not null
    union all
    select
        product_id,
        'category_path' as column_name,
        lower(category_path) as compared
    from described
    where category_path is not null

),

no_products as (

    select distinct texts.product_id
    from texts
    inner join non_products
        on texts.column_name = non_products.column_name
    where
        (non_products.matched = 'equals' and texts.compared = non_products.value)
        or (
            non_products.matched = 'starts_with'
            and substr(texts.compared, 1, length(non_products.value)) = non_products.value
        )
        or (non_products.matched = 'contains' and position(non_products.value in texts.compared) > 0)

),

final as (

    select
        described.*,
        no_products.product_id is not null as is_non_product
    from described
    left join no_products
        on described.product_id = no_products.product_id

)

select * from final
