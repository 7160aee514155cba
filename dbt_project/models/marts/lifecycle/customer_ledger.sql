{%- set columns = {'all': none} %}
{%- do columns.update(segmentation_columns()) %}

with flows as (

    select * from {{ ref('feat_segment_flows') }}

),

revenue as (

    select * from {{ ref('feat_monthly_revenue') }}

),

months as (

    {{ month_series("(select min(month) from revenue)", as_of_date()) }}

),

-- where each flow opens and closes in each segmentation; null outside the base
placed as (

    {%- for segmentation, column in columns.items() %}
    select
        month,
        '{{ segmentation }}' as segmentation,
        case when was_in_base then {{ "'all'" if column is none else 'previous_' ~ column }} end as opened_in,
        case when is_in_base then {{ "'all'" if column is none else column }} end as closed_in,
        had_bought,
        customers,
        net_revenue
    from flows
    {{- '\n    union all' if not loop.last }}
    {%- endfor %}

),

-- the group of a flow: it goes to the segment in which it closes, and out of the one in which it opened
grouped as (

    select
        month,
        segmentation,
        opened_in,
        closed_in,
        case
            when opened_in is null and closed_in is null then 'outside'
            when closed_in is null then 'lapsed'
            when opened_in = closed_in then 'stayed'
            when opened_in is not null then 'moved'
            when had_bought then 'reactivated'
            else 'new'
        end as movement,
        customers,
        net_revenue
    from placed

),

entries as (

    select
        month,
        segmentation,
        coalesce(closed_in, opened_in, 'outside_base') as segment,
        case when movement = 'new' then customers else 0 end as new,
        case when movement = 'reactivated' then customers else 0 end as reactivated,
        case when movement = 'moved' then customers else 0 end as moved_in,
        case when movement = 'lapsed' then customers else 0 end as lapsed,
        0 as moved_out,
        case when movement = 'stayed' then net_revenue else 0 end as net_revenue_stayed,
        case when movement = 'new' then net_revenue else 0 end as net_revenue_new,
        case when movement = 'reactivated' then net_revenue else 0 end as net_revenue_reactivated,
        case when movement = 'moved' then net_revenue else 0 end as net_revenue_moved_in,
        case when movement = 'lapsed' then net_revenue else 0 end as net_revenue_lapsed,
        net_revenue
    from grouped
    union all
    select
        month,
        segmentation,
        opened_in as segment,
        0 as new,
        0 as reactivated,
        0 as moved_in,
        0 as lapsed,
        customers as moved_out,
        0 as net_revenue_stayed,
        0 as net_revenue_new,
        0 as net_revenue_reactivated,
        0 as net_revenue_moved_in,
        0 as net_revenue_lapsed,
        0 as net_revenue
    from grouped
    where movement = 'moved'
    {%- for segmentation in columns %}
    union all
    select
        month,
        '{{ segmentation }}' as segmentation,
        'guests' as segment,
        0 as new,
        0 as reactivated,
        0 as moved_in,
        0 as lapsed,
        0 as moved_out,
        0 as net_revenue_stayed,
        0 as net_revenue_new,
        0 as net_revenue_reactivated,
        0 as net_revenue_moved_in,
        0 as net_revenue_lapsed,
        guest_net_revenue as net_revenue
    from revenue
    {%- endfor %}

),

summed as (

    select
        month,
        segmentation,
        segment,
        sum(new) as new,
        sum(reactivated) as reactivated,
        sum(moved_in) as moved_in,
        sum(lapsed) as lapsed,
        sum(moved_out) as moved_out,
        sum(net_revenue_stayed) as net_revenue_stayed,
        sum(net_revenue_new) as net_revenue_new,
        sum(net_revenue_reactivated) as net_revenue_reactivated,
        sum(net_revenue_moved_in) as net_revenue_moved_in,
        sum(net_revenue_lapsed) as net_revenue_lapsed,
        sum(net_revenue) as net_revenue
    from entries
    group by month, segmentation, segment

),

segments as (

    select distinct
        segmentation,
        segment
    from summed

),

filled as (

    select
        months.month,
        segments.segmentation,
        segments.segment,
        coalesce(summed.new, 0) as new,
        coalesce(summed.reactivated, 0) as reactivated,
        coalesce(summed.moved_in, 0) as moved_in,
        coalesce(summed.lapsed, 0) as lapsed,
        coalesce(summed.moved_out, 0) as moved_out,
        coalesce(summed.net_revenue_stayed, 0) as net_revenue_stayed,
        coalesce(summed.net_revenue_new, 0) as net_revenue_new,
        coalesce(summed.net_revenue_reactivated, 0) as net_revenue_reactivated,
        coalesce(summed.net_revenue_moved_in, 0) as net_revenue_moved_in,
        coalesce(summed.net_revenue_lapsed, 0) as net_revenue_lapsed,
        coalesce(summed.net_revenue, 0) as net_revenue
    from months
    cross join segments
    left join summed
        on
            months.month = summed.month
            and segments.segmentation = summed.segmentation
            and segments.segment = summed.segment

),

balanced as (

    select
        *,
        sum(new + reactivated + moved_in - lapsed - moved_out) over (
            partition by segmentation, segment order by month
            rows between unbounded preceding and current row
        ) as closing
    from filled

),

final as (

    select
        cast(segmentation as varchar) as segmentation,
        cast(segment as varchar) as segment,
        cast(closing - (new + reactivated + moved_in - lapsed - moved_out) as bigint) as opening,
        cast(new as bigint) as new,
        cast(reactivated as bigint) as reactivated,
        cast(moved_in as bigint) as moved_in,
        cast(lapsed as bigint) as lapsed,
        cast(moved_out as bigint) as moved_out,
        cast(closing as bigint) as closing,
        cast(net_revenue_stayed as decimal(18, 2)) as net_revenue_stayed,
        cast(net_revenue_new as decimal(18, 2)) as net_revenue_new,
        cast(net_revenue_reactivated as decimal(18, 2)) as net_revenue_reactivated,
        cast(net_revenue_moved_in as decimal(18, 2)) as net_revenue_moved_in,
        cast(net_revenue_lapsed as decimal(18, 2)) as net_revenue_lapsed,
        cast(net_revenue as decimal(18, 2)) as net_revenue,
        {{ month_end('month') }} <= {{ as_of_date() }} as is_complete,
        cast(month as date) as month,
        {{ as_of_date() }} as as_of_date
    from balanced

)

select * from final
