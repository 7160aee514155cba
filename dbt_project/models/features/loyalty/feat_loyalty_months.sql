with transactions as (

    select * from {{ ref('feat_loyalty_transactions') }}
    where is_counted

),

lots as (

    select * from {{ ref('feat_loyalty_lots') }}

),

-- points that qualify for a tier count from their day on, for the days of a window
movements as (

    select
        customer_id,
        occurred_date as moved_on,
        points as moved,
        case when kind = 'earn' then points else 0 end as earned,
        case when kind = 'redeem' then 0 - points else 0 end as redeemed,
        case when kind = 'expire' then 0 - points else 0 end as expired,
        case when kind = 'adjust' then points else 0 end as adjusted,
        case when kind = 'earn' then points else 0 end as qualifying,
        0 as ended_redeemed
    from transactions
    union all
    select
        customer_id,
        {{ add_days('occurred_date', var('loyalty_window_days')) }} as moved_on,
        0 as moved,
        0 as earned,
        0 as redeemed,
        0 as expired,
        0 as adjusted,
        case when kind = 'earn' then 0 - points else 0 end as qualifying,
        case when kind = 'redeem' then points else 0 end as ended_redeemed
    from transactions
    where kind in ('earn', 'redeem')
    union all
    select
        customer_id,
        expired_date as moved_on,
        0 - expired_points as moved,
        0 as earned,
        0 as redeemed,
        expired_points as expired,
        0 as adjusted,
        0 as qualifying,
        0 as ended_redeemed
    from lots
    where expired_date is not null

),

months as (

    select
        customer_id,
        {{ month_start('moved_on') }} as month,
        sum(moved) as moved,
        sum(earned) as earned,
        sum(redeemed) as redeemed,
        sum(expired) as expired,
        sum(adjusted) as adjusted,
        sum(qualifying) as qualifying,
        sum(redeemed + ended_redeemed) as window_redeemed
    from movements
    where moved_on <= {{ as_of_date() }}
    group by customer_id, {{ month_start('moved_on') }}

),

summed as (

    select
        *,
        sum(moved) over customer_so_far as balance,
        sum(qualifying) over customer_so_far as earned_in_window,
        sum(window_redeemed) over customer_so_far as redeemed_in_window
    from months
    window customer_so_far as (
        partition by customer_id order by month
        rows between unbounded preceding and current row
    )

),

placed as (

    select
        *,
        greatest(earned_in_window, 0) as qualifying_points,
        {{ loyalty_tier('earned_in_window') }} as loyalty_tier
    from summed

),

compared as (

    select
        *,
        lag(loyalty_tier) over customer as previous_tier,
        lag(balance) over customer as previous_balance,
        row_number() over (partition by customer_id order by month desc) as place_from_last
    from placed
    window customer as (partition by customer_id order by month)

),

final as (

    select
        customer_id,
        loyalty_tier,
        previous_tier,
        cast(earned as decimal(18, 2)) as earned_points,
        cast(redeemed as decimal(18, 2)) as redeemed_points,
        cast(expired as decimal(18, 2)) as expired_points,
        cast(adjusted as decimal(18, 2)) as adjusted_points,
        cast(balance as decimal(18, 2)) as balance,
        cast(coalesce(previous_balance, 0) as decimal(18, 2)) as previous_balance,
        cast(earned_in_window as decimal(18, 2)) as earned_in_window,
        cast(redeemed_in_window as decimal(18, 2)) as redeemed_in_window,
        cast(qualifying_points as decimal(18, 2)) as qualifying_points,
        place_from_last = 1 as is_last,
        cast(month as date) as month,
        max(
            case
                when coalesce(loyalty_tier <> previous_tier, true)
                    then least({{ month_end('month') }}, {{ as_of_date() }})
            end
        ) over (
            partition by customer_id order by month
            rows between unbounded preceding and current row
        ) as tier_since
    from compared

)

select * from final
