-- Detects: needs that are lost or counted twice between texts, customers, segments and months.
-- Usual cause: a segmentation with two rows for a customer, or a need that segment_labels does not name.
-- A row: what was added up, for which need, and the two sums that differ.
{{ config(tags=['candidate']) }}

with found as (

    select
        need,
        count(*) as mentions
    from {{ ref('feat_text_needs') }}
    group by need

),

months as (

    select
        need,
        sum(mentions) as mentions
    from {{ ref('needs_monthly') }}
    group by need

),

customers as (

    select
        need,
        sum(mentions) as mentions,
        count(*) as customers_with_need
    from {{ ref('customer_needs') }}
    group by need

),

segments as (

    select
        segmentation,
        need,
        sum(mentions) as mentions,
        sum(customers_with_need) as customers_with_need
    from {{ ref('needs_by_segment') }}
    group by segmentation, need

),

main as (

    select
        count(distinct customer_id) as customers,
        coalesce(sum(case when is_main then 1 else 0 end), 0) as main_needs
    from {{ ref('customer_needs') }}

),

final as (

    select
        'months against texts' as compared,
        coalesce(months.need, found.need) as need,
        coalesce(months.mentions, 0) as added_up,
        coalesce(found.mentions, 0) as expected
    from months
    full outer join found
        on months.need = found.need
    where coalesce(months.mentions, 0) <> coalesce(found.mentions, 0)
    union all
    select
        segments.segmentation || ' against customers' as compared,
        segments.need,
        segments.mentions as added_up,
        coalesce(customers.mentions, 0) as expected
    from segments
    left join customers
        on segments.need = customers.need
    where
        segments.mentions <> coalesce(customers.mentions, 0)
        or segments.customers_with_need <> coalesce(customers.customers_with_need, 0)
    union all
    select
        'main needs against customers' as compared,
        'all' as need,
        main_needs as added_up,
        customers as expected
    from main
    where main_needs <> customers

)

select * from final
