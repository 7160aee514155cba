with customers as (

    select * from {{ ref('dim_customers') }}

),

final as (

    select
        customer_id,
        value_tier as segment
    from customers

)

select * from final
