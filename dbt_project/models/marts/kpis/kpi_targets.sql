with targets as (

    select * from {{ ref('kpi_targets_set') }}

),

kpis as (

    select * from {{ ref('kpi_monthly') }}

),

months as (

    {{ month_series(
        "(select min(month_from) from targets)",
        "(select max(month_to) from targets)"
    ) }}

),

planned as (

    select
        targets.metric,
        targets.owner,
        targets.direction,
        cast(targets.target as double precision) as target,
        months.month
    from targets
    inner join months
        on
            {{ month_start('targets.month_from') }} <= months.month
            and {{ month_start('targets.month_to') }} >= months.month

),

figures as (

    {% for metric in target_metrics() %}
    select
        month,
        '{{ metric }}' as metric,
        cast({{ metric }} as double precision) as actual,
        is_complete
    from kpis
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

compared as (

    select
        planned.*,
        figures.actual,
        coalesce(figures.is_complete, {{ month_end('planned.month') }} <= {{ as_of_date() }}) as is_complete,
        case
            when planned.direction = 'up' then figures.actual >= planned.target
            else figures.actual <= planned.target
        end as is_reached
    from planned
    left join figures
        on
            planned.metric = figures.metric
            and planned.month = figures.month

),

final as (

    select
        cast(metric as varchar) as metric,
        cast(owner as varchar) as owner,
        cast(direction as varchar) as direction,
        cast(
            case
                when not is_complete then 'running'
                when actual is null then 'no_data'
                when is_reached then 'met'
                else 'missed'
            end as varchar
        ) as status,
        cast(target as double precision) as target,
        cast(actual as double precision) as actual,
        cast(
            case
                when direction = 'up' then {{ ratio('actual', 'target') }}
                else {{ ratio('target', 'actual') }}
            end as double precision
        ) as attainment,
        cast(month as date) as month,
        {{ as_of_date() }} as as_of_date
    from compared

)

select * from final
