-- Detects: a month end from the first purchase or refund of a customer up to D at which stages were not observed, or
-- that was computed from other facts than those that are there now.
-- Usual cause: a build that ended between the months, or an edit of the macro month_ends.
-- A row: the month end.
{{ config(tags=['features']) }}

-- depends_on: {{ ref('customer_stage_changes') }}

with fingerprints as (

    select * from {{ ref('core_month_fingerprints') }}

),

series as (

    {{ month_series("(select min(month_end) from fingerprints)", as_of_date()) }}

),

months as (

    select * from {{ source('history', 'customer_stage_changes_months') }}

),

final as (

    select {{ month_end('series.month') }} as month_end
    from series
    left join fingerprints
        on {{ month_end('series.month') }} = fingerprints.month_end
    left join months
        on {{ month_end('series.month') }} = months.month_end
    where
        {{ month_end('series.month') }} <= {{ as_of_date() }}
        and months.fingerprint is distinct from coalesce(fingerprints.fingerprint, '-')

)

select * from final
