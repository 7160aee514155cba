with links as (

    select * from {{ ref('int_records_link') }}

),

records as (

    select * from {{ ref('int_records_map') }}
    where record_count > 1

),

customers as (

    select * from {{ ref('feat_customers_known') }}

),

final as (

    select
        cast(records.record_id as varchar) as source_customer_id,
        cast(linked.record_id as varchar) as linked_to,
        cast(records.customer_id as varchar) as customer_id,
        cast(links.linked_by as varchar) as linked_by,
        {{ as_of_date() }} as as_of_date
    from links
    inner join records
        on links.record_number = records.record_number
    inner join records as linked
        on links.linked_number = linked.record_number
    inner join customers
        on records.customer_id = customers.customer_id

)

select * from final
