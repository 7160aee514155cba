{{ config(materialized='table') }}

with exchange_rates as (

    select * from {{ ref('stg_exchange_rates') }}

),

ranked as (

    select
        from_currency as currency,
        rate_date,
        rate,
        row_number() over (
            partition by from_currency, rate_date
            order by _source
        ) as version
    from exchange_rates
    where
        to_currency = '{{ reporting_currency() }}'
        and from_currency <> '{{ reporting_currency() }}'

),

periods as (

    select
        currency,
        rate,
        rate_date,
        lead(rate_date) over (partition by currency order by rate_date) as next_rate_date
    from ranked
    where version = 1

),

final as (

    select
        periods.currency,
        periods.rate as exchange_rate,
        periods.next_rate_date is null as is_last,
        cast(days.day as date) as rate_day
    from periods
    cross join lateral {{ timestamp_series(
        'periods.rate_date',
        'coalesce(' ~ add_days('periods.next_rate_date', -1) ~ ', periods.rate_date)'
    ) }} as days (day)

)

select * from final
