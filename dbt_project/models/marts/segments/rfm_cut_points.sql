with measures as (

    select * from {{ ref('feat_rfm_measures') }}

),

frozen as (

    select * from {{ source('ops', 'published_rfm_cut_points') }}

),

side_by_side as (

    {{ rfm_quantiles('measures') }}

),

-- nobody to be scored, no cut points
computed as (

    {%- for measure in rfm_measure_names() %}
    {%- set last = loop.last %}
    {%- for percent in [20, 40, 60, 80] %}
    select
        '{{ measure }}' as measure,
        cast(0.{{ percent }} as decimal(4, 2)) as quantile,
        {{ measure }}_{{ percent }} as cut_point
    from side_by_side
    where {{ measure }}_{{ percent }} is not null
    {{- '\n    union all' if not (last and loop.last) }}
    {%- endfor %}
    {%- endfor %}

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
