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

    select * from {{ ref('dim_categories') }}

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
        products.product_id is null as is_inferred,
        first_lines.first_order_date
    from products
    full outer join first_lines
        on products.product_id = first_lines.product_id

),

final as (

    select
        cast(everything.product_id as varchar) as product_id,
        cast(
            coalesce(everything.source_product_id, {{ source_id('everything.product_id') }}) as varchar
        ) as source_product_id,
        cast(chosen_categories.category_id as varchar) as category_id,
        cast(everything.name as varchar) as product_name,
        cast(everything.brand as varchar) as brand,
        cast(categories.path as varchar) as category_path,
        {{ money('everything.list_price', 'rates.exchange_rate') }} as list_price,
        {{ money('everything.unit_cost', 'rates.exchange_rate') }} as unit_cost,
        cast(everything.is_active as boolean) as is_active,
        cast(everything.is_inferred as boolean) as is_inferred,
        cast(everything.first_order_date as date) as first_order_date,
        {{ as_of_date() }} as as_of_date
    from everything
    left join rates
        on everything.currency = rates.currency
    left join chosen_categories
        on everything.product_id = chosen_categories.product_id
    left join categories
        on chosen_categories.category_id = categories.category_id

)

select * from final
