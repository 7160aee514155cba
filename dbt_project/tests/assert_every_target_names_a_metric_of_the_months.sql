-- Detects: a target for something that kpi_monthly does not hold.
-- Usual cause: a misspelt metric in the seed kpi_targets_set.
-- A row: the target.

with targets as (

    select * from {{ ref('kpi_targets_set') }}

),

final as (

    select
        metric,
        owner
    from targets
    where
        metric not in (
            {%- for metric in target_metrics() %}
            '{{ metric }}'{{ ',' if not loop.last }}
            {%- endfor %}
        )

)

select * from final
