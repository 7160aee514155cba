with customers as (

    select * from {{ ref('feat_customer_purchases') }}

),

final as (

    select
        acquisition_channel,
        x,
        t_x_days,
        t_days,
        has_spend,
        count(*) as customers
    from customers
    group by acquisition_channel, x, t_x_days, t_days, has_spend

)

select * from final
