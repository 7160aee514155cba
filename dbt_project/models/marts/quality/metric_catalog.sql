with metric_definitions as (

    select * from {{ ref('metric_definitions') }}

),

final as (

    select
        cast(metric as varchar) as metric,
        cast(metric_name as varchar) as name,
        cast(table_name as varchar) as "table",
        cast(column_name as varchar) as "column",
        cast({{ with_vars_in_force('definition') }} as varchar) as definition,
        cast({{ with_vars_in_force('formula') }} as varchar) as formula,
        cast({{ with_vars_in_force('unit') }} as varchar) as unit,
        {{ as_of_date() }} as as_of_date
    from metric_definitions

)

select * from final
