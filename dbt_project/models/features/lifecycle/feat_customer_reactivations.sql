with cadences as (

    select * from {{ ref('feat_customer_cadence') }}

),

final as (

    {{ customer_reactivations_at('cadences', as_of_date()) }}

)

select * from final
