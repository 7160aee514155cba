with records as (

    select * from {{ ref('int_records_map') }}

),

customers as (

    select * from {{ ref('feat_customers_known') }}

),

-- a record that was created after D says nothing at D, not even that it is there
dated as (

    select
        *,
        case when created_date > {{ as_of_date() }} then 'inferred' else record_kind end as kind_at_d
    from records

),

final as (

    select
        cast(dated.record_id as varchar) as source_customer_id,
        cast(dated.customer_id as varchar) as customer_id,
        cast(case when not dated.is_primary then dated.customer_id end as varchar) as merged_into,
        cast(dated.linked_to as varchar) as linked_to,
        cast(dated.kind_at_d as varchar) as record_kind,
        cast(dated.source as varchar) as source,
        cast(case when dated.is_primary then 'none' else dated.linked_by end as varchar) as linked_by,
        cast(dated.is_primary as boolean) as is_primary,
        {{ as_of_date() }} as as_of_date,
        cast(dated.first_seen_at as timestamp) as first_seen_at
    from dated
    inner join customers
        on dated.customer_id = customers.customer_id

)

select * from final
