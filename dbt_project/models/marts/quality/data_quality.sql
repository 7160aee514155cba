with check_results as (

    select * from {{ source('ops', 'check_results') }}
    where release_id = {{ release_id() }}

),

final as (

    select
        cast(release_id as varchar) as release_id,
        cast(layer as varchar) as layer,
        cast(table_name as varchar) as table_name,
        cast(check_name as varchar) as check_name,
        -- old names, deprecated for one version: they are reserved words
        cast(table_name as varchar) as {{ adapter.quote('table') }},  -- noqa: RF06
        cast(check_name as varchar) as {{ adapter.quote('check') }},
        cast(severity as varchar) as severity,
        cast(status as varchar) as status,
        cast(observed as varchar) as observed,
        cast(expected as varchar) as expected,
        cast(reason as varchar) as reason,
        {{ as_of_date() }} as as_of_date
    from check_results

)

select * from final
