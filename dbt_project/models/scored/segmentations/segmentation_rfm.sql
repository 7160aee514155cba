with customers as (

    select * from {{ ref('dim_customers') }}

),

final as (

    select
        customer_id,
        rfm_segment as segment
    from customers

)

select * from final
