with customer_months as (

    select * from {{ ref('feat_loyalty_months') }}

),

-- what a customer's month changes in the sums over all customers
changes as (

    select
        month,
        earned_points,
        redeemed_points,
        expired_points,
        adjusted_points,
        balance - previous_balance as balance_change,
        {{ points_liability('balance') }} - {{ points_liability('previous_balance') }} as liability_change,
        case when previous_tier is null then 1 else 0 end as new_members,
        case when loyalty_tier = 'bronze' then 1 else 0 end
        - case when previous_tier = 'bronze' then 1 else 0 end as bronze_change,
        case when loyalty_tier = 'silver' then 1 else 0 end
        - case when previous_tier = 'silver' then 1 else 0 end as silver_change,
        case when loyalty_tier = 'gold' then 1 else 0 end
        - case when previous_tier = 'gold' then 1 else 0 end as gold_change,
        case when loyalty_tier = 'platinum' then 1 else 0 end
        - case when previous_tier = 'platinum' then 1 else 0 end as platinum_change
    from customer_months

),

moved as (

    select
        month,
        sum(earned_points) as earned_points,
        sum(redeemed_points) as redeemed_points,
        sum(expired_points) as expired_points,
        sum(adjusted_points) as adjusted_points,
        sum(balance_change) as balance_change,
        sum(liability_change) as liability_change,
        sum(new_members) as new_members,
        sum(bronze_change) as bronze_change,
        sum(silver_change) as silver_change,
        sum(gold_change) as gold_change,
        sum(platinum_change) as platinum_change
    from changes
    group by month

),

months as (

    {{ month_series("(select min(month) from moved)", as_of_date()) }}

),

filled as (

    select
        months.month,
        coalesce(moved.earned_points, 0) as earned_points,
        coalesce(moved.redeemed_points, 0) as redeemed_points,
        coalesce(moved.expired_points, 0) as expired_points,
        coalesce(moved.adjusted_points, 0) as adjusted_points,
        coalesce(moved.new_members, 0) as new_members,
        sum(moved.balance_change) over months_so_far as balance,
        sum(moved.liability_change) over months_so_far as liability,
        sum(moved.new_members) over months_so_far as members,
        sum(moved.bronze_change) over months_so_far as bronze_customers,
        sum(moved.silver_change) over months_so_far as silver_customers,
        sum(moved.gold_change) over months_so_far as gold_customers,
        sum(moved.platinum_change) over months_so_far as platinum_customers
    from months
    left join moved
        on months.month = moved.month
    window months_so_far as (order by months.month rows between unbounded preceding and current row)

),

-- the twelve months that end with the month
years as (

    select
        *,
        sum(redeemed_points) over last_year as redeemed_in_year,
        sum(earned_points) over last_year as earned_in_year
    from filled
    window last_year as (order by month rows between 11 preceding and current row)

),

final as (

    select
        cast(members as bigint) as members,
        cast(new_members as bigint) as new_members,
        cast(bronze_customers as bigint) as bronze_customers,
        cast(silver_customers as bigint) as silver_customers,
        cast(gold_customers as bigint) as gold_customers,
        cast(platinum_customers as bigint) as platinum_customers,
        cast(earned_points as decimal(18, 2)) as earned_points,
        cast(redeemed_points as decimal(18, 2)) as redeemed_points,
        cast(expired_points as decimal(18, 2)) as expired_points,
        cast(adjusted_points as decimal(18, 2)) as adjusted_points,
        cast(balance as decimal(18, 2)) as balance,
        cast(liability as decimal(18, 2)) as liability,
        cast(
            {{ ratio('redeemed_in_year', 'greatest(earned_in_year, 0)') }} as double precision
        ) as redemption_rate,
        {{ month_end('month') }} <= {{ as_of_date() }} as is_complete,
        cast(month as date) as month,
        {{ as_of_date() }} as as_of_date
    from years

)

select * from final
