-- Detects: a customer in no segment or in two, or money that segments gain or lose.
-- Usual cause: a model segmentation_<name> with two rows for a customer, or a segment name that is null.
-- A row: a segmentation whose sums differ from those of the customers.
{{ config(tags=['candidate']) }}

with customers as (

    select
        count(*) as customers,
        coalesce(sum(net_revenue), 0) as net_revenue,
        coalesce(sum(margin), 0) as margin
    from {{ ref('feat_customer_orders') }}

),

segmentations as (

    select
        segmentation,
        sum(customers) as customers,
        sum(net_revenue) as net_revenue,
        sum(margin) as margin
    from {{ ref('segment_summary') }}
    group by segmentation

),

final as (

    select
        segmentations.segmentation,
        segmentations.customers as customers_in_segments,
        customers.customers,
        segmentations.net_revenue as net_revenue_in_segments,
        customers.net_revenue
    from segmentations
    cross join customers
    where
        segmentations.customers <> customers.customers
        or segmentations.net_revenue <> customers.net_revenue
        or segmentations.margin <> customers.margin

)

select * from final
