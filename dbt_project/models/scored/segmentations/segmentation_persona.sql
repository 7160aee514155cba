with customers as (

    select * from {{ ref('feat_customer_personas') }}

),

final as (

    select
        customer_id,
        persona as segment
    from customers

)

select * from final
