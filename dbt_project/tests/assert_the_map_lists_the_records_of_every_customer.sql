-- Detects: customers whose source_customer_ids are not the records that the map gives them, or a map that speaks of
-- customers who are not in dim_customers.
-- Usual cause: one of the two leaves customers or records out that the other has.
-- A row: a customer, and both lists.
{{ config(tags=['candidate']) }}

with mapped as (

    select
        customer_id,
        {{ string_list('source_customer_id', order_by='source_customer_id') }} as source_customer_ids
    from {{ ref('map_source_customers_to_customers') }}
    group by customer_id

),

customers as (

    select * from {{ ref('dim_customers') }}

),

final as (

    select
        coalesce(customers.customer_id, mapped.customer_id) as customer_id,
        customers.source_customer_ids,
        mapped.source_customer_ids as mapped_ids
    from customers
    full outer join mapped
        on customers.customer_id = mapped.customer_id
    where coalesce(customers.source_customer_ids, '') <> coalesce(mapped.source_customer_ids, '')

)

select * from final
