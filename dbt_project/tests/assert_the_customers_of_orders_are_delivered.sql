-- Detects: a source whose orders name customers that it does not deliver, though it delivers some: ids do not meet.
-- Usual cause: leading zeros lost in one of two files, another id than that of the customer list, an incomplete list.
-- Where a source delivers some customers only, raise the var max_unknown_customer_share.
-- A row: a source, how many of its buyers are unknown, and an id as the orders and as the customers spell it.
{{ config(tags=['state']) }}

with delivered as (

    select distinct
        _source,
        customer_id
    from {{ ref('base_customers') }}
    where
        customer_id is not null
        and _disposition <> 'withdrawn'

),

buyers as (

    select distinct
        _source,
        customer_id
    from {{ ref('stg_orders') }}
    where customer_id is not null

),

examples as (

    select
        _source,
        min(customer_id) as delivered_id
    from delivered
    group by _source

),

final as (

    select
        buyers._source as source,
        count(*) as buyer_total,
        sum(case when delivered.customer_id is null then 1 else 0 end) as unknown_total,
        min(case when delivered.customer_id is null then buyers.customer_id end) as ordered_id,
        min(examples.delivered_id) as delivered_id
    from buyers
    inner join examples
        on buyers._source = examples._source
    left join delivered
        on buyers.customer_id = delivered.customer_id
    group by buyers._source
    having
        sum(case when delivered.customer_id is null then 1 else 0 end)
        > {{ var('max_unknown_customer_share') }} * count(*)

)

select * from final
