with cells as (

    select * from {{ source('scores', 'risk_table') }}
    where purpose in ('used', 'shown')

),

final as (

    select
        cast(
            case frequency_band when 1 then '1' when 2 then '2-3' when 3 then '4-11' else '12+' end as varchar
        ) as purchase_days_label,
        cast(
            case overdue_band
                when 1 then '0-0.5'
                when 2 then '0.5-1'
                when 3 then '1-1.5'
                when 4 then '1.5-2'
                when 5 then '2-3'
                when 6 then '3-4'
                else '4+'
            end as varchar
        ) as overdue_label,
        cast(frequency_band as integer) as frequency_band,
        cast(overdue_band as integer) as overdue_band,
        cast(customers as bigint) as customers,
        cast(customers_left as bigint) as customers_left,
        cast(probability as double precision) as probability,
        cast(purpose = 'used' as boolean) as is_used,
        {{ as_of_date() }} as as_of_date
    from cells

)

select * from final
