with positions as (

    select * from {{ ref('feat_customer_positions') }}

),

final as (

    {{ customer_cadences_at('positions', as_of_date()) }}

)

select * from final
