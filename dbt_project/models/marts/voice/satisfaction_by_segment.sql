{%- set cell = 'segmentation, segment, survey_type, period' -%}

with strata as (

    select * from {{ ref('feat_satisfaction_strata') }}

),

cells as (

    select
        {{ cell }},
        sum(answers) as answers,
        sum(anonymous_answers) as anonymous_answers,
        sum(promoters) as promoters,
        sum(passives) as passives,
        sum(detractors) as detractors,
        sum(positives) as positives,
        sum(points) as points,
        sum(squares) as squares,
        sum(invited) as invited,
        sum(responded) as responded
    from strata
    group by {{ cell }}

),

-- whether any invitation of the type came: a rate of nothing asked is unknown, not zero
asked_types as (

    select
        survey_type,
        sum(invited) as invited
    from cells
    where
        segmentation = 'all'
        and period <> 'all'
    group by survey_type

),

pooled as (

    select
        {{ cell }},
        sum(customers) as customers,
        sum(invited) as invited,
        sum(answers) as answers,
        sum(points) as points
    from strata
    where stratum is not null
    group by
        {{ cell }},
        case when answers >= {{ var('min_stratum_answers') }} then stratum else 'pooled' end

),

sized as (

    select
        *,
        case
            when sum(invited) over (partition by {{ cell }}) >= sum(answers) over (partition by {{ cell }}) then invited
            else customers
        end as members
    from pooled

),

weighted as (

    select
        {{ cell }},
        sum(cast({{ ratio('members * points', 'answers') }} as decimal(28, 8))) as weighted_points,
        sum(members) as members
    from sized
    where answers > 0
    group by {{ cell }}

),

-- one hidden cell could be told from the total: the next smallest goes with it
ranked as (

    select
        *,
        answers < {{ var('min_answers_shown') }} as is_small,
        sum(
            case when answers > 0 and answers < {{ var('min_answers_shown') }} then 1 else 0 end
        ) over (partition by segmentation, survey_type, period) as small_cells,
        row_number() over (
            partition by segmentation, survey_type, period, answers >= {{ var('min_answers_shown') }}
            order by answers, segment
        ) as size_rank
    from cells

),

measured as (

    select
        ranked.*,
        ranked.is_small or (ranked.small_cells = 1 and ranked.size_rank = 1) as is_hidden,
        {{ ratio('ranked.points', 'ranked.answers') }} as figure,
        {{ ratio('weighted.weighted_points', 'weighted.members') }} as weighted_figure,
        case
            when ranked.survey_type = 'nps'
                then greatest({{ nps_bound('ranked.promoters', 'ranked.detractors', 'ranked.answers', '-') }}, -100.0)
            when ranked.survey_type = 'csat'
                then {{ wilson('ranked.positives', 'ranked.answers', -1) }}
            else {{ mean_bound('ranked.points', 'ranked.squares', 'ranked.answers', '-') }}
        end as figure_low,
        case
            when ranked.survey_type = 'nps'
                then least({{ nps_bound('ranked.promoters', 'ranked.detractors', 'ranked.answers', '+') }}, 100.0)
            when ranked.survey_type = 'csat'
                then {{ wilson('ranked.positives', 'ranked.answers', 1) }}
            else {{ mean_bound('ranked.points', 'ranked.squares', 'ranked.answers', '+') }}
        end as figure_high,
        asked_types.invited > 0 as is_asked
    from ranked
    left join weighted
        on
            ranked.segmentation = weighted.segmentation
            and ranked.segment = weighted.segment
            and ranked.survey_type = weighted.survey_type
            and ranked.period = weighted.period
    left join asked_types
        on ranked.survey_type = asked_types.survey_type

),

final as (

    select
        cast(segmentation as varchar) as segmentation,
        cast(segment as varchar) as segment,
        cast(survey_type as varchar) as survey_type,
        cast(period as varchar) as period,
        cast(answers as bigint) as answers,
        cast(anonymous_answers as bigint) as anonymous_answers,
        cast(case when survey_type = 'nps' then promoters end as bigint) as promoters,
        cast(case when survey_type = 'nps' then passives end as bigint) as passives,
        cast(case when survey_type = 'nps' then detractors end as bigint) as detractors,
        cast(case when is_asked then invited end as bigint) as invited,
        cast(case when is_asked then {{ ratio('responded', 'invited') }} end as double precision) as response_rate,
        cast(case when not is_hidden then figure end as double precision) as figure,
        cast(case when not is_hidden then figure_low end as double precision) as figure_low,
        cast(case when not is_hidden then figure_high end as double precision) as figure_high,
        cast(
            case when not is_hidden and survey_type in ('ces1', 'ces2') then {{ ratio('positives', 'answers') }} end
            as double precision
        ) as easy_share,
        cast(case when not is_hidden then weighted_figure end as double precision) as weighted_figure,
        cast(
            case when not is_hidden then abs(weighted_figure - figure) <= (figure_high - figure_low) / 2.0 end
            as boolean
        ) as is_representative,
        cast(is_hidden as boolean) as is_hidden,
        case when period <> 'all' then cast(period || '-01' as date) end as month,
        {{ as_of_date() }} as as_of_date
    from measured

)

select * from final
