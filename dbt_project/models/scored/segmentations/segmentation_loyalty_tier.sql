with members as (

    select * from {{ ref('customer_loyalty') }}

),

final as (

    select
        customer_id,
        loyalty_tier as segment
    from members

)

select * from final
