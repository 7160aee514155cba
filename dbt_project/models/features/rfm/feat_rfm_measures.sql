with positions as (

    select * from {{ ref('feat_customer_positions') }}

),

final as (

    {{ rfm_measures_at('positions', as_of_date()) }}

)

select * from final
