with scored as (

    select * from {{ source('scores', 'clv_calibration') }}

),

final as (

    select
        cast(segment as varchar) as segment,
        cast(frequency as varchar) as frequency,
        cast(sort_order as integer) as sort_order,
        cast(customers as bigint) as customers,
        cast(actual as double precision) as actual,
        cast(expected as double precision) as expected,
        {{ as_of_date() }} as as_of_date
    from scored

)

select * from final
