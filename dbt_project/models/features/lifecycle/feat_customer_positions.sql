with final as (

    {{ customer_positions_at(as_of_date()) }}

)

select * from final
