with texts as (

    select
        kind,
        event_id,
        customer_id,
        {{ month_start('written_date') }} as month
    from {{ ref('feat_texts') }}

),

text_needs as (

    select * from {{ ref('feat_text_needs') }}

),

labels as (

    select * from {{ ref('feat_segment_labels') }}
    where
        segmentation = 'need'
        and segment <> 'unknown'

),

months as (

    {{ month_series("(select min(month) from texts)", as_of_date()) }}

),

written as (

    select
        month,
        count(*) as texts
    from texts
    group by month

),

mentioned as (

    select
        texts.month,
        text_needs.need,
        count(*) as mentions,
        sum(case when text_needs.is_problem then 1 else 0 end) as problem_mentions,
        count(distinct texts.customer_id) as customers_with_need
    from texts
    inner join text_needs
        on
            texts.kind = text_needs.kind
            and texts.event_id = text_needs.event_id
    group by texts.month, text_needs.need

),

-- a month without a text is a row of zeros, as is a need that nobody speaks of
counted as (

    select
        months.month,
        labels.segment as need,
        coalesce(written.texts, 0) as texts,
        coalesce(mentioned.mentions, 0) as mentions,
        coalesce(mentioned.problem_mentions, 0) as problem_mentions,
        coalesce(mentioned.customers_with_need, 0) as customers_with_need
    from months
    cross join labels
    left join written
        on months.month = written.month
    left join mentioned
        on
            months.month = mentioned.month
            and labels.segment = mentioned.need

),

totals as (

    select
        *,
        sum(mentions) over (partition by need) as all_mentions,
        sum(texts) over (partition by need) as all_texts
    from counted

),

final as (

    select
        cast(need as varchar) as need,
        cast(customers_with_need as bigint) as customers_with_need,
        cast(texts as bigint) as texts,
        cast(mentions as bigint) as mentions,
        cast(problem_mentions as bigint) as problem_mentions,
        cast({{ ratio('mentions', 'texts') }} as double precision) as share,
        cast(
            {{ ratio(ratio('mentions', 'texts'), ratio('all_mentions', 'all_texts')) }} as double precision
        ) as index_to_all,
        {{ month_end('month') }} <= {{ as_of_date() }} as is_complete,
        cast(month as date) as month,
        {{ as_of_date() }} as as_of_date
    from totals

)

select * from final
