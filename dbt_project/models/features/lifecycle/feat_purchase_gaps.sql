with purchase_days as (

    select * from {{ ref('feat_purchase_days') }}

),

gaps as (

    select
        next_purchase_date is not null as has_ended,
        {{ days_between('purchase_date', 'coalesce(next_purchase_date, ' ~ as_of_date() ~ ')') }} as gap_days
    from purchase_days

),

final as (

    select
        gap_days,
        sum(case when has_ended then 1 else 0 end) as ended,
        count(*) as gaps
    from gaps
    group by gap_days

)

select * from final
