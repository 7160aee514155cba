with customers as (

    select * from {{ ref('feat_customer_attributes') }}

),

age_bands as (

    select * from {{ ref('age_bands') }}

),

-- what is known of the two is kept: unknown is who tells neither
final as (

    select
        customers.customer_id,
        case
            when customers.gender is null and age_bands.age_band is null then 'unknown'
            else coalesce(customers.gender, 'unknown') || '_' || coalesce(age_bands.age_band, 'unknown')
        end as segment
    from customers
    left join age_bands
        on
            customers.age >= age_bands.from_age
            and (age_bands.below_age is null or customers.age < age_bands.below_age)

)

select * from final
