with answers as (

    select * from {{ ref('feat_survey_answers') }}
    where is_latest_in_month or is_latest_in_window

),

invitations as (

    select * from {{ ref('feat_survey_invitations') }}
    where not is_bounced

),

segments as (

    select * from {{ ref('customer_segments') }}

),

stages as (

    select
        customer_id,
        value_tier || case when lifecycle_meaning in ('at_risk', 'lost') then ', at risk' else '' end as stratum,
        case when first_purchase_date is not null then 1 else 0 end as customers
    from {{ ref('feat_customer_stages') }}

),

valued as (

    select
        *,
        case answer_group
            when 'promoter' then 100
            when 'detractor' then -100
            when 'passive' then 0
            when 'satisfied' then 1
            when 'neutral' then case when survey_type = 'csat' then 0 else cast(score as integer) end
            when 'dissatisfied' then 0
            else cast(score as integer)
        end as points
    from answers

),

-- an answer is in the figure at D, in that of its month, or in both
spoken as (

    select
        customer_id,
        survey_type,
        'all' as period,
        answer_group,
        points,
        0 as invited,
        0 as responded
    from valued
    where is_latest_in_window
    union all
    select
        customer_id,
        survey_type,
        substr(cast({{ month_start('answer_date') }} as varchar), 1, 7) as period,
        answer_group,
        points,
        0 as invited,
        0 as responded
    from valued
    where is_latest_in_month

),

-- of a person invited several times, one answer is enough
asked as (

    select
        person,
        customer_id,
        survey_type,
        'all' as period,
        max(case when has_answered then 1 else 0 end) as responded
    from invitations
    where sent_date > {{ add_days(as_of_date(), '-' ~ var('survey_window_days')) }}
    group by person, customer_id, survey_type
    union all
    select
        person,
        customer_id,
        survey_type,
        substr(cast({{ month_start('sent_date') }} as varchar), 1, 7) as period,
        max(case when has_answered then 1 else 0 end) as responded
    from invitations
    group by person, customer_id, survey_type, substr(cast({{ month_start('sent_date') }} as varchar), 1, 7)

),

heard as (

    select
        customer_id,
        survey_type,
        period,
        answer_group,
        points,
        invited,
        responded
    from spoken
    union all
    select
        customer_id,
        survey_type,
        period,
        cast(null as varchar) as answer_group,
        cast(null as integer) as points,
        1 as invited,
        responded
    from asked

),

segmentations as (

    select distinct segmentation
    from segments

),

placed as (

    select
        heard.*,
        segments.segmentation,
        segments.segment,
        stages.stratum
    from heard
    inner join stages
        on heard.customer_id = stages.customer_id
    inner join segments
        on heard.customer_id = segments.customer_id
    union all
    select
        heard.*,
        'all' as segmentation,
        'all' as segment,
        stages.stratum
    from heard
    left join stages
        on heard.customer_id = stages.customer_id
    union all
    select
        heard.*,
        segmentations.segmentation,
        'unknown' as segment,
        cast(null as varchar) as stratum
    from heard
    cross join segmentations
    where heard.customer_id is null

),

-- strata of which nobody has been heard have customers all the same
population as (

    select
        segments.segmentation,
        segments.segment,
        stages.stratum,
        sum(stages.customers) as customers
    from segments
    inner join stages
        on segments.customer_id = stages.customer_id
    group by segments.segmentation, segments.segment, stages.stratum
    union all
    select
        'all' as segmentation,
        'all' as segment,
        stratum,
        sum(customers) as customers
    from stages
    group by stratum

),

summed as (

    select
        segmentation,
        segment,
        survey_type,
        period,
        stratum,
        count(points) as answers,
        sum(case when customer_id is null and points is not null then 1 else 0 end) as anonymous_answers,
        sum(case when answer_group = 'promoter' then 1 else 0 end) as promoters,
        sum(case when answer_group = 'passive' then 1 else 0 end) as passives,
        sum(case when answer_group = 'detractor' then 1 else 0 end) as detractors,
        sum(case when answer_group in ('satisfied', 'easy') then 1 else 0 end) as positives,
        coalesce(sum(points), 0) as points,
        coalesce(sum(points * points), 0) as squares,
        sum(invited) as invited,
        sum(responded) as responded
    from placed
    group by segmentation, segment, survey_type, period, stratum

),

cells as (

    select distinct
        segmentation,
        segment,
        survey_type,
        period
    from summed

),

grid as (

    select
        cells.segmentation,
        cells.segment,
        cells.survey_type,
        cells.period,
        population.stratum,
        population.customers
    from cells
    inner join population
        on
            cells.segmentation = population.segmentation
            and cells.segment = population.segment

),

final as (

    select
        coalesce(grid.segmentation, summed.segmentation) as segmentation,
        coalesce(grid.segment, summed.segment) as segment,
        coalesce(grid.survey_type, summed.survey_type) as survey_type,
        coalesce(grid.period, summed.period) as period,
        coalesce(grid.stratum, summed.stratum) as stratum,
        cast(coalesce(grid.customers, 0) as bigint) as customers,
        cast(coalesce(summed.answers, 0) as bigint) as answers,
        cast(coalesce(summed.anonymous_answers, 0) as bigint) as anonymous_answers,
        cast(coalesce(summed.promoters, 0) as bigint) as promoters,
        cast(coalesce(summed.passives, 0) as bigint) as passives,
        cast(coalesce(summed.detractors, 0) as bigint) as detractors,
        cast(coalesce(summed.positives, 0) as bigint) as positives,
        cast(coalesce(summed.points, 0) as bigint) as points,
        cast(coalesce(summed.squares, 0) as bigint) as squares,
        cast(coalesce(summed.invited, 0) as bigint) as invited,
        cast(coalesce(summed.responded, 0) as bigint) as responded
    from grid
    full outer join summed
        on
            grid.segmentation = summed.segmentation
            and grid.segment = summed.segment
            and grid.survey_type = summed.survey_type
            and grid.period = summed.period
            and grid.stratum = summed.stratum

)

select * from final
