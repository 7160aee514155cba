with benchmarks as (

    select * from {{ ref('stg_benchmarks') }}

),

rates as (

    select * from {{ ref('base_reporting_rates') }}

),

-- a figure without a currency is no money
rated as (

    select
        benchmarks.*,
        case
            when benchmarks.currency = '{{ reporting_currency() }}' then 1
            else coalesce(rates.exchange_rate, last_rates.exchange_rate)
        end as exchange_rate
    from benchmarks
    {{ join_rates('benchmarks.currency', 'benchmarks.benchmark_date') }}

),

final as (

    select
        _source as source,
        source as publisher,
        lower(metric) as metric,
        market,
        segment,
        currency,
        cast(value as double precision) as delivered_value,
        case
            when currency is null then cast(value as double precision)
            else cast({{ money('value', 'exchange_rate') }} as double precision)
        end as benchmark,
        benchmark_date
    from rated
    where benchmark_date <= {{ as_of_date() }}

)

select * from final
