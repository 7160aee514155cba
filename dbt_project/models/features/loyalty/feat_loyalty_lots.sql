{{ config(materialized='point_lots') }}
{%- set valid_days = var('points_valid_days') %}
{%- set never = "timestamp '9000-01-01 00:00:00'" %}
{%- set after_days = "transactions.occurred_at + interval '" ~ valid_days ~ "' day" %}
{%- set lost_by_rule = never if valid_days is none else after_days %}

with transactions as (

    select * from {{ ref('feat_loyalty_transactions') }}
    where
        is_counted
        and points <> 0

),

-- a source that delivers what expired knows best: nothing of it expires by rule
expiring_sources as (

    select distinct source
    from transactions
    where kind = 'expire'

),

dated as (

    select
        transactions.*,
        transactions.customer_id || '|' || transactions.source as ledger,
        expiring_sources.source is null as expires_by_rule,
        case when transactions.kind = 'earn' then 1 else 2 end as step,
        case
            when transactions.kind in ('earn', 'adjust') and transactions.points > 0
                then greatest(coalesce(transactions.expires_at, {{ lost_by_rule }}), transactions.occurred_at)
        end as lost_at
    from transactions
    left join expiring_sources
        on transactions.source = expiring_sources.source

),

lots as (

    select
        *,
        {{ business_date('lost_at') }} as lost_date
    from dated
    where lost_at is not null

),

-- points are lost before anything else happens at that moment, those lost as they come after everything else; of lots
-- that are lost together the oldest first, as they are used
happened as (

    select
        ledger,
        customer_id,
        source,
        transaction_id,
        step,
        step as booked_step,
        case when lost_at is not null then points else 0 end as arrived,
        case when lost_at is null then 0 - points else 0 end as used,
        false as is_expiry,
        occurred_at as booked_at,
        occurred_at as happened_at
    from dated
    union all
    select
        ledger,
        customer_id,
        source,
        transaction_id,
        case when lost_at > occurred_at then 0 else 3 end as step,
        step as booked_step,
        0 as arrived,
        0 as used,
        true as is_expiry,
        occurred_at as booked_at,
        lost_at as happened_at
    from lots
    where
        expires_by_rule
        and lost_date <= {{ as_of_date() }}

),

numbered as (

    select
        happened.ledger,
        happened.customer_id,
        happened.source,
        happened.transaction_id,
        happened.arrived,
        happened.used,
        happened.is_expiry,
        row_number() over (
            partition by happened.ledger
            order by
                happened.happened_at, happened.step, happened.booked_at, happened.booked_step, happened.transaction_id
        ) as event_number,
        lots.lost_at as ranked_at,
        lots.occurred_date,
        lots.occurred_at,
        case when lots.lost_at < {{ never }} then lots.lost_at end as expires_at,
        case when lots.lost_at < {{ never }} then lots.lost_date end as expires_date
    from happened
    left join lots
        on happened.transaction_id = lots.transaction_id

),

-- a lot that is lost before an older one stands before it
compared as (

    select
        *,
        max(case when arrived > 0 then ranked_at end) over (
            partition by ledger order by event_number
            rows between unbounded preceding and 1 preceding
        ) as ranked_so_far,
        -- the expiry of a lot names the lot by its number
        max(case when arrived > 0 then event_number end) over (partition by ledger, transaction_id) as lot_number
    from numbered

),

final as (

    select
        ledger,
        customer_id,
        source,
        transaction_id,
        event_number,
        sum(case when arrived > 0 and ranked_at < ranked_so_far then 1 else 0 end) over (
            partition by ledger order by event_number
            rows between unbounded preceding and current row
        ) as phase,
        lot_number,
        arrived,
        used,
        is_expiry,
        ranked_at,
        occurred_date,
        expires_date,
        occurred_at,
        expires_at
    from compared

)

select * from final
