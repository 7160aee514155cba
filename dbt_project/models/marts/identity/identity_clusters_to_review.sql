with clusters as (

    select * from {{ ref('int_customers_review') }}

),

customers as (

    select * from {{ ref('feat_customers_known') }}

),

final as (

    select
        cast(clusters.customer_id as varchar) as customer_id,
        cast(clusters.reason_code as varchar) as reason_code,
        cast(clusters.figure as bigint) as figure,
        cast(clusters.record_count as bigint) as record_count,
        cast(clusters.source_count as bigint) as source_count,
        cast(clusters.link_count as bigint) as link_count,
        {{ as_of_date() }} as as_of_date
    from clusters
    inner join customers
        on clusters.customer_id = customers.customer_id

)

select * from final
