with events as (

    select * from {{ ref('feat_web_events') }}

),

ordered as (

    select
        *,
        lag(occurred_at) over (partition by visitor order by occurred_at, event_id) as previous_at
    from events

),

-- so much silence ends a session; midnight does not
opened as (

    select
        *,
        case
            when previous_at is null then 1
            when {{ hours_between('previous_at', 'occurred_at') }} >= {{ var('session_gap_minutes') }} / 60.0 then 1
            else 0
        end as opens_session
    from ordered

),

numbered as (

    select
        *,
        sum(opens_session) over (
            partition by visitor order by occurred_at, event_id
            rows between unbounded preceding and current row
        ) as session_number,
        row_number() over (partition by visitor order by occurred_at, event_id) as event_number
    from opened

),

grouped as (

    select
        max(case when opens_session = 1 then event_id end) as session_key,
        {{ first_value_by('customer_id', 'event_number') }} as customer_id,
        max(case when opens_session = 1 then utm_source end) as entry_source,
        max(case when opens_session = 1 then utm_medium end) as entry_medium,
        max(case when opens_session = 1 then utm_campaign end) as entry_campaign,
        max(case when opens_session = 1 then device end) as device,
        count(*) as event_count,
        count(distinct product_id) as products_seen,
        max(case when step = 'product' then 1 else 0 end) as product_step,
        max(case when step = 'cart' then 1 else 0 end) as cart_step,
        max(case when step = 'checkout' then 1 else 0 end) as checkout_step,
        max(case when step = 'purchase' then 1 else 0 end) as purchase_step,
        min(case when is_counted then 1 else 0 end) as counted,
        min(occurred_date) as session_date,
        min(occurred_at) as started_at,
        max(occurred_at) as ended_at
    from numbered
    group by visitor, session_number

),

final as (

    select
        cast(session_key as varchar) as session_key,
        cast(customer_id as varchar) as customer_id,
        cast(coalesce(entry_source, 'unknown') as varchar) as entry_source,
        cast(entry_medium as varchar) as entry_medium,
        cast(entry_campaign as varchar) as entry_campaign,
        cast(device as varchar) as device,
        cast(event_count as bigint) as event_count,
        cast(products_seen as bigint) as products_seen,
        cast({{ hours_between('started_at', 'ended_at') }} * 60 as double precision) as duration_minutes,
        cast(product_step = 1 as boolean) as has_product,
        cast(cart_step = 1 as boolean) as has_cart,
        cast(checkout_step = 1 as boolean) as has_checkout,
        cast(purchase_step = 1 as boolean) as has_purchase,
        cast(session_date as date) as session_date,
        {{ as_of_date() }} as as_of_date,
        cast(started_at as timestamp) as started_at,
        cast(ended_at as timestamp) as ended_at
    from grouped
    where counted = 1

)

select * from final
