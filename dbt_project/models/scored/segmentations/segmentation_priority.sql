with priorities as (

    select * from {{ ref('customer_priority') }}

),

final as (

    select
        customer_id,
        priority as segment
    from priorities

)

select * from final
