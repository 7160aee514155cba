with measures as (

    select * from {{ ref('feat_rfm_measures') }}

),

frozen as (

    select * from {{ source('ops', 'published_rfm_cut_points') }}

),

long_measures as (

    select
        'recency_days' as measure,
        cast(recency_days as double precision) as value
    from measures
    union all
    select
        'frequency' as measure,
        cast(frequency as double precision) as value
    from measures
    union all
    select
        'monetary' as measure,
        cast(monetary as double precision) as value
    from measures

),

-- one pass over the measures yields their four cut points side by side
side_by_side as (

    select
        measure,
        {{ percentile('value', 0.2) }} as cut_20,
        {{ percentile('value', 0.4) }} as cut_40,
        {{ percentile('value', 0.6) }} as cut_60,
        {{ percentile('value', 0.8) }} as cut_80
    from long_measures
    group by measure

),

computed as (

    select
        measure,
        cast(0.20 as decimal(4, 2)) as quantile,
        cut_20 as cut_point
    from side_by_side
    union all
    select
        measure,
        cast(0.40 as decimal(4, 2)) as quantile,
        cut_40 as cut_point
    from side_by_side
    union all
    select
        measure,
        cast(0.60 as decimal(4, 2)) as quantile,
        cut_60 as cut_point
    from side_by_side
    union all
    select
        measure,
        cast(0.80 as decimal(4, 2)) as quantile,
        cut_80 as cut_point
    from side_by_side

),

in_force as (

    select
        measure,
        quantile,
        cut_point,
        'frozen' as origin
    from frozen
    where '{{ rfm_cut_points_mode() }}' = 'frozen'
    union all
    select
        measure,
        quantile,
        cut_point,
        'computed' as origin
    from computed
    where
        '{{ rfm_cut_points_mode() }}' = 'computed'
        or not exists (select 1 from frozen)

),

final as (

    select
        cast(measure as varchar) as measure,
        cast(origin as varchar) as origin,
        cast(quantile as decimal(4, 2)) as quantile,
        cast(cut_point as double precision) as cut_point,
        {{ as_of_date() }} as as_of_date
    from in_force

)

select * from final
