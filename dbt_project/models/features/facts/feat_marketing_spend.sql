with spend as (

    select * from {{ ref('stg_marketing_spend') }}
    where spend_date <= {{ as_of_date() }}

),

converted as (

    select
        channel,
        {{ money('amount', 'exchange_rate') }} as amount,
        spend_date
    from spend

),

final as (

    select
        channel,
        sum(amount) as marketing_spend,
        spend_date
    from converted
    group by channel, spend_date

)

select * from final
