with months as (

    select * from {{ ref('feat_loyalty_months') }}

),

lots as (

    select * from {{ ref('feat_loyalty_lots') }}

),

transactions as (

    select * from {{ ref('feat_loyalty_transactions') }}
    where is_counted

),

totals as (

    select
        customer_id,
        sum(earned_points) as earned_points,
        sum(redeemed_points) as redeemed_points,
        sum(expired_points) as expired_points,
        sum(adjusted_points) as adjusted_points
    from months
    group by customer_id

),

dates as (

    select
        customer_id,
        min(occurred_date) as first_transaction_date,
        max(occurred_date) as last_transaction_date
    from transactions
    group by customer_id

),

lot_totals as (

    select
        customer_id,
        sum(greatest(open_points, 0)) as open_points,
        sum(greatest(0 - open_points, 0)) as debt_points,
        sum(
            case
                when expires_date > {{ as_of_date() }} and expires_date <= {{ add_days(as_of_date(), 30) }}
                    then open_points
                else 0
            end
        ) as points_expiring_30d
    from lots
    group by customer_id

),

next_tiers as (

    select
        *,
        case loyalty_tier
            when 'bronze' then 'silver'
            when 'silver' then 'gold'
            when 'gold' then 'platinum'
        end as next_tier,
        case loyalty_tier
            when 'bronze' then {{ var('loyalty_silver_points') }} - qualifying_points
            when 'silver' then {{ var('loyalty_gold_points') }} - qualifying_points
            when 'gold' then {{ var('loyalty_platinum_points') }} - qualifying_points
        end as points_to_next_tier
    from months
    where is_last

),

final as (

    select
        cast(next_tiers.customer_id as varchar) as customer_id,
        cast(next_tiers.loyalty_tier as varchar) as loyalty_tier,
        cast(next_tiers.next_tier as varchar) as next_tier,
        cast(next_tiers.balance as decimal(18, 2)) as balance,
        cast(coalesce(lot_totals.open_points, 0) as decimal(18, 2)) as open_points,
        cast(coalesce(lot_totals.debt_points, 0) as decimal(18, 2)) as debt_points,
        cast(coalesce(lot_totals.points_expiring_30d, 0) as decimal(18, 2)) as points_expiring_30d,
        cast(next_tiers.qualifying_points as decimal(18, 2)) as qualifying_points,
        cast(next_tiers.points_to_next_tier as decimal(18, 2)) as points_to_next_tier,
        cast(totals.earned_points as decimal(18, 2)) as earned_points,
        cast(totals.redeemed_points as decimal(18, 2)) as redeemed_points,
        cast(totals.expired_points as decimal(18, 2)) as expired_points,
        cast(totals.adjusted_points as decimal(18, 2)) as adjusted_points,
        cast({{ points_liability('next_tiers.balance') }} as decimal(18, 2)) as liability,
        cast(
            {{ ratio('next_tiers.redeemed_in_window', 'greatest(next_tiers.earned_in_window, 0)') }} as double precision
        ) as redemption_rate,
        cast(next_tiers.tier_since as date) as tier_since,
        cast(dates.first_transaction_date as date) as first_transaction_date,
        cast(dates.last_transaction_date as date) as last_transaction_date,
        {{ as_of_date() }} as as_of_date
    from next_tiers
    inner join totals
        on next_tiers.customer_id = totals.customer_id
    inner join dates
        on next_tiers.customer_id = dates.customer_id
    left join lot_totals
        on next_tiers.customer_id = lot_totals.customer_id

)

select * from final
