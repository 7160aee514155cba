with scored as (

    select * from {{ source('scores', 'clv_gains') }}

),

final as (

    select
        cast(segment as varchar) as segment,
        cast(decile as integer) as decile,
        cast(customers as double precision) as customers,
        cast(actual as double precision) as actual,
        cast(expected as double precision) as expected,
        cast(share_of_actual as double precision) as share_of_actual,
        cast(cumulative_share_of_actual as double precision) as cumulative_share_of_actual,
        {{ as_of_date() }} as as_of_date
    from scored

)

select * from final
