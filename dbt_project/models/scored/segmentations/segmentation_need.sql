with needs as (

    select * from {{ ref('feat_customer_needs') }}
    where is_main

),

final as (

    select
        customer_id,
        need as segment
    from needs

)

select * from final
