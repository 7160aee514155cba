with scored as (

    select * from {{ source('scores', 'clv_tracking') }}

),

final as (

    select
        cast(segment as varchar) as segment,
        cast(model_name as varchar) as model_name,
        cast(week as integer) as week,
        cast(actual as double precision) as actual,
        cast(expected as double precision) as expected,
        cast(cumulative_actual as double precision) as cumulative_actual,
        cast(cumulative_expected as double precision) as cumulative_expected,
        cast(is_holdout as boolean) as is_holdout,
        {{ as_of_date() }} as as_of_date
    from scored

)

select * from final
