with segments as (

    select
        customer_id,
        segmentation,
        segment
    from {{ ref('customer_segments') }}
    -- who has which main need has been told by needs
    where segmentation <> 'need'
    union all
    select
        customer_id,
        'all' as segmentation,
        'all' as segment
    from {{ ref('feat_customers_known') }}

),

labels as (

    select * from {{ ref('feat_segment_labels') }}
    where
        segmentation = 'need'
        and segment <> 'unknown'

),

written as (

    select
        customer_id,
        count(*) as texts
    from {{ ref('feat_texts') }}
    where customer_id is not null
    group by customer_id

),

customer_needs as (

    select * from {{ ref('feat_customer_needs') }}

),

heard as (

    select
        segments.segmentation,
        segments.segment,
        count(*) as customers,
        count(written.customer_id) as customers_who_wrote,
        coalesce(sum(written.texts), 0) as texts
    from segments
    left join written
        on segments.customer_id = written.customer_id
    group by segments.segmentation, segments.segment

),

mentioned as (

    select
        segments.segmentation,
        segments.segment,
        customer_needs.need,
        count(*) as customers_with_need,
        sum(customer_needs.mentions) as mentions,
        sum(customer_needs.problem_mentions) as problem_mentions
    from segments
    inner join customer_needs
        on segments.customer_id = customer_needs.customer_id
    group by segments.segmentation, segments.segment, customer_needs.need

),

-- a need that nobody of a segment speaks of is a row of zeros
counted as (

    select
        heard.segmentation,
        heard.segment,
        labels.segment as need,
        heard.customers,
        heard.customers_who_wrote,
        heard.texts,
        coalesce(mentioned.customers_with_need, 0) as customers_with_need,
        coalesce(mentioned.mentions, 0) as mentions,
        coalesce(mentioned.problem_mentions, 0) as problem_mentions,
        heard.customers_who_wrote < {{ var('needs_min_customers') }} as is_hidden
    from heard
    cross join labels
    left join mentioned
        on
            heard.segmentation = mentioned.segmentation
            and heard.segment = mentioned.segment
            and labels.segment = mentioned.need

),

shared as (

    select
        *,
        {{ ratio('customers_with_need', 'customers_who_wrote') }} as share,
        max(case when segmentation = 'all' then {{ ratio('customers_with_need', 'customers_who_wrote') }} end)
            over (partition by need) as share_of_all
    from counted

),

final as (

    select
        cast(segmentation as varchar) as segmentation,
        cast(segment as varchar) as segment,
        cast(need as varchar) as need,
        cast(customers as bigint) as customers,
        cast(customers_who_wrote as bigint) as customers_who_wrote,
        cast(customers_with_need as bigint) as customers_with_need,
        cast(texts as bigint) as texts,
        cast(mentions as bigint) as mentions,
        cast(problem_mentions as bigint) as problem_mentions,
        cast(case when not is_hidden then share end as double precision) as share,
        cast(case when not is_hidden then {{ ratio('share', 'share_of_all') }} end as double precision) as index_to_all,
        cast(is_hidden as boolean) as is_hidden,
        {{ as_of_date() }} as as_of_date
    from shared

)

select * from final
