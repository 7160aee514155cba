with purchase_days as (

    select * from {{ ref('core_purchase_days') }}
    where purchase_date <= {{ as_of_date() }}

),

silences as (

    select
        coalesce(next_purchase_date <= {{ as_of_date() }}, false) as has_ended,
        case
            when next_purchase_date <= {{ as_of_date() }}
                then {{ days_between('purchase_date', 'next_purchase_date') }}
            else {{ days_between('purchase_date', as_of_date()) }}
        end as silence_days
    from purchase_days

),

final as (

    select
        silence_days,
        sum(case when has_ended then 1 else 0 end) as ended,
        count(*) as silences
    from silences
    group by silence_days

)

select * from final
