with customers as (

    select * from {{ ref('dim_customers') }}

),

final as (

    select
        customer_id,
        lifecycle_stage as segment
    from customers

)

select * from final
