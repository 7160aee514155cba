with customers as (

    select * from {{ ref('dim_customers') }}

),

final as (

    select
        customer_id,
        clv_tier as segment
    from customers

)

select * from final
