with benchmarks as (

    select * from {{ ref('feat_benchmarks') }}

),

kpis as (

    select * from {{ ref('kpi_monthly') }}

),

-- beside each other, never mixed: a metric that the months do not hold stays without a figure of ours
compared as (

    select
        benchmarks.*,
        case benchmarks.metric
            {%- for metric in target_metrics() %}
            when '{{ metric }}' then cast(kpis.{{ metric }} as double precision)
            {%- endfor %}
        end as actual,
        case benchmarks.metric
            {%- for metric in target_metrics() %}
            when '{{ metric }}' then cast(year_before.{{ metric }} as double precision)
            {%- endfor %}
        end as actual_year_before,
        benchmarks.metric in (
            {%- for metric in target_metrics() %}
            '{{ metric }}'{{ ',' if not loop.last }}
            {%- endfor %}
        ) as is_compared,
        coalesce(kpis.is_complete, {{ month_end('benchmarks.benchmark_date') }} <= {{ as_of_date() }}) as is_complete
    from benchmarks
    left join kpis
        on {{ month_start('benchmarks.benchmark_date') }} = kpis.month
    left join kpis as year_before
        on {{ add_months('benchmarks.benchmark_date', -12) }} = year_before.month

),

final as (

    select
        cast(source as varchar) as source,
        cast(publisher as varchar) as publisher,
        cast(metric as varchar) as metric,
        cast(market as varchar) as market,
        cast(segment as varchar) as segment,
        cast(currency as varchar) as currency,
        cast(delivered_value as double precision) as delivered_value,
        cast(benchmark as double precision) as benchmark,
        cast(actual as double precision) as actual,
        cast(actual - benchmark as double precision) as difference,
        cast(actual_year_before as double precision) as actual_year_before,
        cast(actual - actual_year_before as double precision) as actual_change,
        cast(is_compared as boolean) as is_compared,
        cast(is_complete as boolean) as is_complete,
        cast(benchmark_date as date) as benchmark_date,
        {{ as_of_date() }} as as_of_date
    from compared

)

select * from final
