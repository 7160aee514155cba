-- Detects: customers in the seed excluded_customers whom no source delivered and no event names.
-- Usual cause: an id without its source (1001 for shop:1001), or a typing error: the real account still counts.
-- A row: a customer of the seed.
{{ config(tags=['state'], severity='warn') }}

with excluded_customers as (

    select * from {{ ref('excluded_customers') }}

),

mapped as (

    select * from {{ ref('int_records_map') }}

),

final as (

    select excluded_customers.customer_id
    from excluded_customers
    left join mapped
        on excluded_customers.customer_id = mapped.record_id
    where mapped.record_id is null

)

select * from final
