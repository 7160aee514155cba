with excluded_customers as (

    select * from {{ ref('excluded_customers') }}

),

merged as (

    select * from {{ ref('int_records_merge') }}

),

-- a person is excluded if any record is
final as (

    select
        coalesce(merged.customer_id, excluded_customers.customer_id) as customer_id,
        min(excluded_customers.reason) as reason
    from excluded_customers
    left join merged
        on excluded_customers.customer_id = merged.record_id
    group by coalesce(merged.customer_id, excluded_customers.customer_id)

)

select * from final
