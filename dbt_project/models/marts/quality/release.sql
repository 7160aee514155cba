with runs as (

    select * from {{ source('ops', 'runs') }}

),

final as (

    select
        cast(release_id as varchar) as release_id,
        cast(previous_release_id as varchar) as previous_release_id,
        cast(code_version as varchar) as code_version,
        cast(warehouse as varchar) as warehouse,
        cast(as_of_date as date) as as_of_date,
        cast(built_at as timestamp) as built_at,
        -- written when the release is published
        cast(null as timestamp) as published_at
    from runs
    where release_id = {{ release_id() }}

)

select * from final
