-- Detects: a release that does not know its run, or that says another day than the tables beside it.
-- Usual cause: the run was not written to ops.runs, or twice.
-- A row: the number of rows, and of those that say D.
{{ config(tags=['candidate']) }}

with release as (

    select * from {{ ref('release') }}

),

counted as (

    select
        count(*) as releases,
        sum(case when as_of_date = {{ as_of_date() }} then 1 else 0 end) as releases_as_of_d
    from release

),

final as (

    select * from counted
    where
        releases <> 1
        or releases_as_of_d <> 1

)

select * from final
