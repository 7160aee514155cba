with records as (

    select * from {{ ref('int_records_map') }}

),

customers as (

    select * from {{ ref('feat_customers_known') }}

),

final as (

    select
        cast(records.record_id as varchar) as source_customer_id,
        cast(records.customer_id as varchar) as customer_id,
        cast(case when not records.is_primary then records.customer_id end as varchar) as merged_into,
        cast(records.linked_to as varchar) as linked_to,
        cast(records.record_kind as varchar) as record_kind,
        cast(records.source as varchar) as source,
        cast(case when records.is_primary then 'none' else records.linked_by end as varchar) as linked_by,
        cast(records.is_primary as boolean) as is_primary,
        {{ as_of_date() }} as as_of_date,
        cast(records.first_seen_at as timestamp) as first_seen_at
    from records
    inner join customers
        on records.customer_id = customers.customer_id

)

select * from final
