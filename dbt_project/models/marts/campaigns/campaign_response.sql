{%- set segmentations = ['lifecycle', 'relationship', 'rfm', 'value_tier'] %}

with outcomes as (

    select * from {{ ref('feat_campaign_outcomes') }}
    where
        is_complete
        and not is_in_both_arms

),

campaigns as (

    select * from {{ ref('feat_campaigns') }}

),

placed as (

    select
        outcomes.*,
        'all' as segmentation,
        'all' as segment
    from outcomes
    {% for segmentation in segmentations %}
    union all
    select
        outcomes.*,
        '{{ segmentation }}' as segmentation,
        {{ segmentation }} as segment
    from outcomes
    {% endfor %}

),

-- sums of squares in double precision: they are wider than any amount
arms as (

    select
        campaign_id,
        segmentation,
        segment,
        {%- for arm, short in [('treatment', 't'), ('control', 'c')] %}
        sum(case when arm = '{{ arm }}' then 1 else 0 end) as n_{{ short }},
        sum(case when arm = '{{ arm }}' and has_responded then 1 else 0 end) as x_{{ short }},
        sum(case when arm = '{{ arm }}' and is_overlapping then 1 else 0 end) as overlapping_{{ short }},
        sum(case when arm = '{{ arm }}' then revenue else 0 end) as revenue_{{ short }},
        sum(case when arm = '{{ arm }}' then gross_margin else 0 end) as margin_{{ short }},
        sum(case when arm = '{{ arm }}' then cast(revenue as double precision) * revenue else 0 end)
            as revenue_squares_{{ short }},
        sum(case when arm = '{{ arm }}' then cast(gross_margin as double precision) * gross_margin else 0 end)
            as margin_squares_{{ short }},
        {%- endfor %}
        sum(case when arm = 'treatment' then contact_cost else 0 end) as contact_cost
    from placed
    group by campaign_id, segmentation, segment

),

costed as (

    select
        arms.*,
        -- the campaign's own cost by the persons treated, so that segments add up to the whole
        cast(
            arms.contact_cost + {{ prorated(
                'coalesce(campaigns.campaign_cost, 0)',
                'arms.n_t',
                'sum(case when arms.segmentation = \'all\' then arms.n_t else 0 end) over (partition by arms.campaign_id)'
            ) }} as decimal(18, 2)
        ) as cost,
        sum(case when arms.segmentation = 'all' then arms.n_t else 0 end) over (partition by arms.campaign_id) as all_t,
        sum(case when arms.segmentation = 'all' then arms.n_c else 0 end) over (partition by arms.campaign_id) as all_c
    from arms
    left join campaigns
        on arms.campaign_id = campaigns.campaign_id

),

-- without a control arm there is a response and no uplift
measured as (

    select
        *,
        n_t > 0 and n_c > 0 as is_compared,
        {{ ratio('x_t', 'n_t') }} as rate_t,
        {{ ratio('x_c', 'n_c') }} as rate_c,
        {{ wilson('x_t', 'n_t', -1) }} as low_t,
        {{ wilson('x_t', 'n_t', 1) }} as high_t,
        {{ wilson('x_c', 'n_c', -1) }} as low_c,
        {{ wilson('x_c', 'n_c', 1) }} as high_c,
        {{ ratio('x_t + x_c', 'n_t + n_c') }} as rate,
        {{ ratio('revenue_t', 'n_t') }} as revenue_mean_t,
        {{ ratio('revenue_c', 'n_c') }} as revenue_mean_c,
        {{ ratio('margin_t', 'n_t') }} as margin_mean_t,
        {{ ratio('margin_c', 'n_c') }} as margin_mean_c,
        {{ variance_of_mean('revenue_t', 'revenue_squares_t', 'n_t') }} as revenue_variance_t,
        {{ variance_of_mean('revenue_c', 'revenue_squares_c', 'n_c') }} as revenue_variance_c,
        {{ variance_of_mean('margin_t', 'margin_squares_t', 'n_t') }} as margin_variance_t,
        {{ variance_of_mean('margin_c', 'margin_squares_c', 'n_c') }} as margin_variance_c,
        {{ ratio('all_t', 'all_t + all_c') }} as treated_share
    from costed

),

compared as (

    select
        *,
        case when is_compared then rate_t - rate_c end as uplift,
        case when is_compared then rate_t - rate_c end
        - sqrt((rate_t - low_t) * (rate_t - low_t) + (high_c - rate_c) * (high_c - rate_c)) as uplift_low,
        case when is_compared then rate_t - rate_c end
        + sqrt((high_t - rate_t) * (high_t - rate_t) + (rate_c - low_c) * (rate_c - low_c)) as uplift_high,
        case when is_compared then rate_t - rate_c end
        / nullif(
            sqrt(rate * (1 - rate) * (cast(n_t as double precision) + n_c) / nullif(n_t, 0) / nullif(n_c, 0)), 0
        ) as response_z,
        case when segmentation <> 'all' then n_t - (n_t + n_c) * treated_share end
        / nullif(sqrt((n_t + n_c) * treated_share * (1 - treated_share)), 0) as split_z,
        case when n_t > 1 and n_c > 1 then sqrt(revenue_variance_t + revenue_variance_c) end as revenue_error,
        {{ welch_degrees('revenue_variance_t', 'n_t', 'revenue_variance_c', 'n_c') }} as revenue_degrees,
        case when n_t > 1 and n_c > 1 then sqrt(margin_variance_t + margin_variance_c) end as margin_error,
        {{ welch_degrees('margin_variance_t', 'n_t', 'margin_variance_c', 'n_c') }} as margin_degrees
    from measured

),

tested as (

    select
        *,
        case when is_compared then coalesce({{ two_sided_p('response_z') }}, 1) end as p_value,
        {{ two_sided_p('split_z') }} as sample_ratio_p,
        coalesce({{ t_95('margin_degrees') }}, 0) * margin_error as margin_reach,
        coalesce({{ t_95('revenue_degrees') }}, 0) * revenue_error as revenue_reach
    from compared

),

-- Holm: the smallest of m probabilities counts m times, the next m - 1 times, and none less than the one before
ranked as (

    select
        *,
        p_value * (
            count(p_value) over (partition by campaign_id, segmentation)
            - row_number() over (partition by campaign_id, segmentation order by p_value, segment)
            + 1
        ) as raw_adjusted_p
    from tested

),

adjusted as (

    select
        *,
        least(
            max(raw_adjusted_p) over (
                partition by campaign_id, segmentation order by p_value, segment
                rows between unbounded preceding and current row
            ),
            1
        ) as adjusted_p
    from ranked

),

valued as (

    select
        *,
        n_t * (margin_mean_t - margin_mean_c) as incremental,
        n_t * (margin_mean_t - margin_mean_c - margin_reach) as incremental_low,
        n_t * (margin_mean_t - margin_mean_c + margin_reach) as incremental_high
    from adjusted

),

final as (

    select
        cast(campaign_id as varchar) as campaign_id,
        cast(segmentation as varchar) as segmentation,
        cast(segment as varchar) as segment,
        cast(n_t as bigint) as contacted,
        cast(n_c as bigint) as controls,
        cast(x_t as bigint) as responded,
        cast(x_c as bigint) as controls_responded,
        cast(rate_t as double precision) as response_rate,
        cast(rate_c as double precision) as control_rate,
        cast(uplift as double precision) as uplift,
        cast(uplift_low as double precision) as uplift_low,
        cast(uplift_high as double precision) as uplift_high,
        cast(p_value as double precision) as p_value,
        cast(case when is_compared then adjusted_p end as double precision) as adjusted_p_value,
        cast(sample_ratio_p as double precision) as sample_ratio_p_value,
        cast({{ ratio('overlapping_t', 'n_t') }} as double precision) as overlapping_share,
        cast({{ ratio('overlapping_c', 'n_c') }} as double precision) as control_overlapping_share,
        cast(revenue_t as decimal(18, 2)) as revenue,
        {{ cents('revenue_mean_t') }} as revenue_per_contact,
        {{ cents('case when is_compared then revenue_mean_t - revenue_mean_c end') }} as revenue_effect,
        {{ cents('case when is_compared then revenue_mean_t - revenue_mean_c - revenue_reach end') }}
            as revenue_effect_low,
        {{ cents('case when is_compared then revenue_mean_t - revenue_mean_c + revenue_reach end') }}
            as revenue_effect_high,
        {{ cents('case when is_compared then incremental end') }} as incremental_margin,
        cast(cost as decimal(18, 2)) as cost,
        cast(case when is_compared then {{ ratio('incremental - cost', 'cost') }} end as double precision) as roi,
        cast(
            case when is_compared then {{ ratio('incremental_low - cost', 'cost') }} end as double precision
        ) as roi_low,
        cast(
            case when is_compared then {{ ratio('incremental_high - cost', 'cost') }} end as double precision
        ) as roi_high,
        coalesce(is_compared and adjusted_p < 0.05, false) as is_significant,
        n_t < {{ var('thin_arm') }} or x_t < {{ var('thin_responders') }}
        or (n_c > 0 and (n_c < {{ var('thin_arm') }} or x_c < {{ var('thin_responders') }})) as is_thin,
        {{ as_of_date() }} as as_of_date
    from valued

)

select * from final
