with outcomes as (

    select * from {{ ref('feat_campaign_outcomes') }}

),

responses as (

    select * from {{ ref('campaign_response') }}

),

whole as (

    select * from responses
    where segmentation = 'all'

),

splits as (

    select
        campaign_id,
        min(sample_ratio_p_value * segment_count) as smallest_p
    from (
        select
            campaign_id,
            sample_ratio_p_value,
            count(sample_ratio_p_value) over (partition by campaign_id) as segment_count
        from responses
    ) as counted
    group by campaign_id

),

persons as (

    select
        campaign_id,
        sum(case when arm = 'treatment' then 1 else 0 end) as treated,
        sum(case when arm = 'control' then 1 else 0 end) as held_out,
        sum(case when arm = 'treatment' and is_in_both_arms then 1 else 0 end) as in_both_arms,
        sum(case when not is_complete then 1 else 0 end) as not_judged,
        sum(case when arm = 'control' and was_reached then 1 else 0 end) as controls_reached,
        sum(case when arm = 'treatment' and has_bounced then 1 else 0 end) as bounced,
        sum(case when arm = 'treatment' and has_opened then 1 else 0 end) as opened,
        sum(case when arm = 'treatment' and has_clicked then 1 else 0 end) as clicked,
        sum(case when arm = 'treatment' and has_redeemed then 1 else 0 end) as redeemed,
        sum(case when arm = 'treatment' and has_unsubscribed then 1 else 0 end) as unsubscribed
    from outcomes
    group by campaign_id

),

final as (

    select
        cast(persons.campaign_id as varchar) as campaign_id,
        cast(persons.treated as bigint) as treated,
        cast(persons.held_out as bigint) as held_out,
        cast(persons.in_both_arms as bigint) as in_both_arms,
        cast(persons.not_judged as bigint) as not_judged,
        cast(persons.controls_reached as bigint) as controls_reached,
        cast(persons.bounced as bigint) as bounced,
        cast(persons.opened as bigint) as opened,
        cast(persons.clicked as bigint) as clicked,
        cast(persons.redeemed as bigint) as redeemed,
        cast(persons.unsubscribed as bigint) as unsubscribed,
        cast({{ ratio('persons.redeemed', 'persons.treated') }} as double precision) as coupon_redemption_rate,
        cast(whole.uplift as double precision) as uplift,
        cast(whole.uplift_low as double precision) as uplift_low,
        cast(whole.uplift_high as double precision) as uplift_high,
        cast(whole.incremental_margin as decimal(18, 2)) as incremental_margin,
        cast(whole.cost as decimal(18, 2)) as cost,
        cast(whole.roi as double precision) as roi,
        coalesce(
            abs(whole.overlapping_share - whole.control_overlapping_share) >= 0.05, false
        ) as is_overlap_uneven,
        coalesce(splits.smallest_p < 0.001, false) as is_split_uneven,
        coalesce(whole.is_significant, false) as is_significant,
        coalesce(whole.is_thin, true) as is_thin,
        {{ as_of_date() }} as as_of_date
    from persons
    left join whole
        on persons.campaign_id = whole.campaign_id
    left join splits
        on persons.campaign_id = splits.campaign_id

)

select * from final
