with silences as (

    select
        gap_days as silence_days,
        ended,
        gaps as silences
    from {{ ref('feat_purchase_gaps') }}

),

stages as (

    select * from {{ ref('feat_customer_stages') }}

),

-- Kaplan and Meier: of the gaps that had lasted so long, how many ended on that day; those that are still open at D
-- count for as long as they were watched
at_risk as (

    select
        silence_days,
        ended,
        sum(silences) over (
            order by silence_days desc
            rows between unbounded preceding and current row
        ) as watched
    from silences

),

-- where all that were watched have ended nothing lasts longer, and the logarithm has no value;
-- a sum of decimals does not depend on the order in which a database adds,
-- and so many places every database reads alike from a double
steps as (

    select
        silence_days,
        cast(
            case when ended < watched then ln(1 - cast(ended as double precision) / nullif(watched, 0)) else 0 end
            as decimal(28, 12)
        ) as log_share,
        case when ended = watched then 1 else 0 end as is_end
    from at_risk

),

summed as (

    select
        silence_days,
        sum(log_share) over until_then as log_share,
        max(is_end) over until_then as has_ended
    from steps
    window until_then as (order by silence_days rows between unbounded preceding and current row)

),

lasting as (

    select
        silence_days,
        case when has_ended = 1 then 0 else exp(cast(log_share as double precision)) end as share_lasting
    from summed

),

plateau as (

    select min(share_lasting) as share_lasting
    from lasting

),

-- the first day by which the wanted share of the gaps that end at all has ended
suggestion as (

    select min(lasting.silence_days) as silence_days
    from lasting
    cross join plateau
    where
        plateau.share_lasting < 1
        and 1 - lasting.share_lasting >= {{ var('churn_evidence_share') }} * (1 - plateau.share_lasting)

),

in_force as (

    select {{ median('churn_limit_days') }} as median_limit_days
    from stages

),

marks as (

    {{ number_series(1, 24, 'step') }}

),

grid as (

    select
        30 * step as silence_days,
        false as is_suggested
    from marks
    union
    select
        {{ var('churn_floor_days') }} as silence_days,
        false as is_suggested
    union
    select
        {{ var('churn_ceiling_days') }} as silence_days,
        false as is_suggested
    union
    select
        silence_days,
        true as is_suggested
    from suggestion
    where silence_days is not null

),

days as (

    select
        silence_days,
        max(case when is_suggested then 1 else 0 end) = 1 as is_suggested
    from grid
    group by silence_days

),

-- the curve at each day of the grid: its last step up to it
read_off as (

    select
        days.silence_days,
        days.is_suggested,
        coalesce(sum(case when silences.silence_days >= days.silence_days then silences.silences end), 0) as silences,
        coalesce(
            sum(case when silences.silence_days <= days.silence_days then silences.ended end), 0
        ) as ended_by_then,
        coalesce(sum(silences.ended), 0) as ended
    from days
    left join silences
        on true
    group by days.silence_days, days.is_suggested

),

shares as (

    select
        days.silence_days,
        coalesce(min(lasting.share_lasting), 1) as share_lasting
    from days
    left join lasting
        on days.silence_days >= lasting.silence_days
    group by days.silence_days

),

final as (

    select
        cast(read_off.silence_days as integer) as silence_days,
        cast(read_off.silences as bigint) as silences,
        cast({{ ratio('read_off.ended_by_then', 'read_off.ended') }} as double precision) as share_of_gaps,
        cast(shares.share_lasting as double precision) as share_lasting,
        cast(
            (shares.share_lasting - plateau.share_lasting) / nullif(shares.share_lasting, 0) as double precision
        ) as return_probability,
        cast(suggestion.silence_days as integer) as suggested_limit_days,
        cast(in_force.median_limit_days as double precision) as median_limit_days,
        cast({{ var('churn_floor_days') }} as integer) as churn_floor_days,
        cast({{ var('churn_ceiling_days') }} as integer) as churn_ceiling_days,
        read_off.is_suggested,
        {{ as_of_date() }} as as_of_date
    from read_off
    inner join shares
        on read_off.silence_days = shares.silence_days
    cross join suggestion
    cross join in_force
    left join plateau
        on true

)

select * from final
