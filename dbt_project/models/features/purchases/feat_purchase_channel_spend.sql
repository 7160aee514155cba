with customers as (

    select * from {{ ref('feat_customer_purchases') }}
    where has_spend

),

final as (

    select
        acquisition_channel,
        x,
        repeat_value,
        count(*) as customers
    from customers
    group by acquisition_channel, x, repeat_value

)

select * from final
