{#- A query: the measures of RFM at the end of a day, one row per customer with a valid order within the RFM window.

    positions: the relation of customer_positions_at(day). each: see each_day(). -#}
{% macro rfm_measures_at(positions, day, each=none) -%}
select
        {{ each_day(each) }}
        customer_id,
        cast({{ days_between('last_purchase_date', day) }} as integer) as recency_days,
        cast(rfm_order_count as bigint) as frequency,
        rfm_net_revenue as monetary
    from {{ positions }}
    where rfm_order_count > 0
{%- endmacro %}


{#- A query of one row: the four quantiles of each measure of RFM over the population, in columns `<measure>_<percent>`.

    measures: the relation of rfm_measures_at(). -#}
{% macro rfm_quantiles(measures, each=none) -%}
select
        {{ each_day(each) }}
    {%- for measure in rfm_measure_names() %}
    {%- set last = loop.last %}
    {%- for percent in [20, 40, 60, 80] %}
        {{ percentile(measure, percent / 100) }} as {{ measure }}_{{ percent }}{{ ',' if not (last and loop.last) }}
    {%- endfor %}
    {%- endfor %}
    from {{ measures }}
    {{ group_by_day(each) }}
{%- endmacro %}


{#- A query of one row: the twelve cut points, out of rows of measure, quantile and cut_point; nulls where there are none. -#}
{% macro rfm_cut_points_side_by_side(cut_points) -%}
select
    {%- for measure in rfm_measure_names() %}
    {%- set last = loop.last %}
    {%- for percent in [20, 40, 60, 80] %}
        max(case when measure = '{{ measure }}' and quantile = 0.{{ percent }} then cut_point end)
            as {{ measure }}_{{ percent }}{{ ',' if not (last and loop.last) }}
    {%- endfor %}
    {%- endfor %}
    from {{ cut_points }}
{%- endmacro %}


{#- A query of one row: the twelve cut points in force. Frozen ones are those of the last published release, whatever the
    day: whoever freezes them measures the past with them too. Until there is such a release, those of the day hold. -#}
{% macro rfm_cut_points_in_force(measures, each=none) -%}
{%- if rfm_cut_points_mode() == 'computed' -%}
{{ rfm_quantiles(measures, each) }}
{%- else -%}
with frozen as (

    {{ rfm_cut_points_side_by_side(source('ops', 'published_rfm_cut_points')) }}

),

computed as (

    {{ rfm_quantiles(measures, each) }}

),

final as (

    select
    {{ each_day(each, 'computed') }}
    {%- for measure in rfm_measure_names() %}
    {%- set last = loop.last %}
    {%- for percent in [20, 40, 60, 80] %}
        coalesce(frozen.{{ measure }}_{{ percent }}, computed.{{ measure }}_{{ percent }})
            as {{ measure }}_{{ percent }}{{ ',' if not (last and loop.last) }}
    {%- endfor %}
    {%- endfor %}
    from frozen
    cross join computed

)

select * from final
{%- endif -%}
{%- endmacro %}


{#- A query: the RFM segment of each customer of the population, by the seed rfm_segments.

    cuts: a relation of one row with the twelve cut points. -#}
{% macro rfm_segments_at(measures, cuts, each=none) -%}
with segments as (

    select * from {{ ref('rfm_segments') }}

),

scored as (

    select
        {{ each_day(each, 'measures') }}
        measures.customer_id,
        5 - {{ cut_points_below('measures.recency_days', 'cuts.recency_days') }} as r_score,
        1 + {{ cut_points_below('measures.frequency', 'cuts.frequency') }} as f_score
    from {{ measures }} as measures
    {{ join_day(each, 'measures', 'cuts') if each else 'cross join ' ~ cuts ~ ' as cuts' }}

),

final as (

    select
        {{ each_day(each, 'scored') }}
        scored.customer_id,
        segments.segment as rfm_segment
    from scored
    left join segments
        on
            scored.r_score = segments.r_score
            and scored.f_score = segments.f_score

)

select * from final
{%- endmacro %}


{% macro rfm_measure_names() -%}
{{ return(['recency_days', 'frequency', 'monetary']) }}
{%- endmacro %}
