with scored as (

    select * from {{ source('scores', 'clv_parameters') }}

),

final as (

    select
        cast(segment as varchar) as segment,
        cast(model_name as varchar) as model_name,
        cast(kind as varchar) as kind,
        cast(parameter as varchar) as parameter,
        cast(value as double precision) as value,
        cast(standard_error as double precision) as standard_error,
        cast(is_chosen as boolean) as is_chosen,
        cast(is_frozen as boolean) as is_frozen,
        {{ as_of_date() }} as as_of_date
    from scored

)

select * from final
