{%- set weeks = var('alert_weeks') -%}
{%- set deviations = var('alert_deviations') -%}
{%- set revenue_deviations = var('alert_revenue_deviations') -%}

with weekly as (

    select
        *,
        series_kind || ':' || topic as series
    from {{ ref('feat_weekly_events') }}

),

-- only a week with a past of its own can be held against it
candidates as (

    select * from weekly
    where
        series_kind <> 'revenue'
        and events >= {{ var('alert_min_count') }}
        and first_full_week <= {{ add_days('week', -7 * weeks) }}

),

-- a week without a row had no events: it adds nothing to a sum
past as (

    select
        candidates.series,
        candidates.week,
        sum(earlier.events) as events,
        sum(cast({{ ratio('earlier.events * earlier.events', 'earlier.exposure') }} as decimal(28, 8))) as squares,
        sum(earlier.exposure) as exposure
    from candidates
    inner join weekly as earlier
        on
            candidates.series = earlier.series
            and candidates.week > earlier.week
            and earlier.week >= {{ add_days('candidates.week', -7 * weeks) }}
    group by candidates.series, candidates.week

),

rated as (

    select
        candidates.*,
        case
            when candidates.series_kind = 'negative_answers' then {{ ratio('past.events', 'past.exposure') }}
            else {{ ratio('coalesce(past.events, 0)', weeks) }}
        end as past_rate,
        coalesce(past.events, 0) as past_events,
        coalesce(past.squares, 0) as past_squares
    from candidates
    left join past
        on
            candidates.series = past.series
            and candidates.week = past.week

),

-- counts that vary more than chance would let them need a larger distance
dispersed as (

    select
        *,
        cast(past_rate * exposure as double precision) as expected,
        greatest(
            coalesce({{ ratio('(' ~ ratio('past_squares', 'past_rate') ~ ' - past_events)', weeks - 1) }}, 1.0), 1.0
        ) as dispersion
    from rated
    where past_rate is not null

),

counted as (

    select
        series,
        series_kind,
        topic,
        week,
        cast(events as double precision) as observed,
        expected,
        expected + 1.0 + {{ deviations }} * sqrt(dispersion * expected) as threshold,
        expected + 1.0 + {{ 2 * deviations }} * sqrt(dispersion * expected) as critical_threshold
    from dispersed

),

revenue as (

    select
        series,
        series_kind,
        topic,
        week,
        first_full_week,
        cast(events as double precision) as events
    from weekly
    where series_kind = 'revenue'

),

medians as (

    select
        revenue.series,
        revenue.week,
        max(revenue.events) as events,
        {{ median('earlier.events') }} as expected
    from revenue
    inner join revenue as earlier
        on
            revenue.week > earlier.week
            and earlier.week >= {{ add_days('revenue.week', -7 * weeks) }}
    where revenue.first_full_week <= {{ add_days('revenue.week', -7 * weeks) }}
    group by revenue.series, revenue.week
    having count(*) = {{ weeks }}

),

-- 1.4826 makes of the median distance what the standard deviation is of normal values
distances as (

    select
        medians.series,
        medians.week,
        max(medians.events) as observed,
        max(medians.expected) as expected,
        1.4826 * {{ median('abs(earlier.events - medians.expected)') }} as deviation
    from medians
    inner join revenue as earlier
        on
            medians.week > earlier.week
            and earlier.week >= {{ add_days('medians.week', -7 * weeks) }}
    group by medians.series, medians.week

),

raised as (

    select
        series,
        series_kind,
        topic,
        week,
        observed,
        expected,
        threshold,
        case
            when observed > critical_threshold and observed >= {{ 2 * var('alert_min_count') }} then 'critical'
            else 'warning'
        end as severity,
        'above' as direction
    from counted
    where observed > threshold
    union all
    select
        series,
        'revenue' as series_kind,
        'all' as topic,
        week,
        observed,
        expected,
        expected + case when observed > expected then 1 else -1 end * {{ revenue_deviations }} * deviation as threshold,
        case
            when observed < expected - {{ 2 * revenue_deviations }} * deviation then 'critical'
            else 'warning'
        end as severity,
        case when observed > expected then 'above' else 'below' end as direction
    from distances
    where
        deviation > 0
        and abs(observed - expected) > {{ revenue_deviations }} * deviation

),

-- of alerts in weeks on end every second one is told: one a series in 14 days
numbered as (

    select
        *,
        {{ days_between("date '1969-12-29'", 'week') }} / 7.0
        - row_number() over (partition by series order by week) as unbroken
    from raised

),

placed as (

    select
        *,
        row_number() over (partition by series, unbroken order by week) as place
    from numbered

),

told as (

    select * from placed
    where mod(place, 2) = 1

),

-- what the four weeks after were like, as many of them as have ended
followed as (

    select
        told.series,
        told.week,
        sum(later.events) as events
    from told
    inner join weekly as later
        on
            told.series = later.series
            and told.week < later.week
            and later.week <= {{ add_days('told.week', 28) }}
    group by told.series, told.week

),

last_week as (

    select {{ add_days(week_start(add_days(as_of_date(), 1)), -7) }} as week

),

aged as (

    select
        told.*,
        last_week.week as last_closed_week,
        least({{ days_between('told.week', 'last_week.week') }} / 7.0, 4.0) as weeks_after,
        coalesce(followed.events, 0) as events_after
    from told
    cross join last_week
    left join followed
        on
            told.series = followed.series
            and told.week = followed.week

),

measured as (

    select
        *,
        {{ ratio('events_after', 'weeks_after') }} as observed_after
    from aged

),

final as (

    select
        cast(series as varchar) as series,
        cast(series_kind as varchar) as series_kind,
        cast(topic as varchar) as topic,
        cast(severity as varchar) as severity,
        cast(direction as varchar) as direction,
        cast(
            case
                when observed_after is null then 'not_known_yet'
                when direction = 'above' and observed_after > threshold then 'went_on'
                when direction = 'below' and observed_after < threshold then 'went_on'
                else 'subsided'
            end as varchar
        ) as followed_by,
        cast(observed as double precision) as observed,
        cast(expected as double precision) as expected,
        cast(threshold as double precision) as threshold,
        cast(observed_after as double precision) as observed_after,
        week = last_closed_week as is_last_closed_week,
        cast(week as date) as week,
        {{ as_of_date() }} as as_of_date
    from measured

)

select * from final
