-- Detects: loyalty points that lots and debts lose or gain against the transactions, the months against the members.
-- Usual cause: an event that stands in no phase of settle_lots(), or a lot that expires twice.
-- A row: a member, or all of them (customer_id is null), with the figures that differ.
{{ config(tags=['candidate']) }}

with members as (

    select * from {{ ref('customer_loyalty') }}

),

months as (

    select * from {{ ref('loyalty_summary') }}

),

lots as (

    select
        customer_id,
        sum(lot_points - used_points - expired_points - open_points) as unexplained,
        sum(open_points) as open_points
    from {{ ref('loyalty_lots') }}
    group by customer_id

),

of_members as (

    select
        members.customer_id,
        members.balance,
        coalesce(lots.open_points, 0) - members.debt_points as lots_less_debt
    from members
    left join lots
        on members.customer_id = lots.customer_id
    where
        members.balance <> coalesce(lots.open_points, 0) - members.debt_points
        or members.open_points <> coalesce(lots.open_points, 0)
        or members.balance
        <> members.earned_points - members.redeemed_points - members.expired_points + members.adjusted_points
        or lots.unexplained <> 0

),

member_total as (

    select
        count(*) as members,
        coalesce(sum(balance), 0) as balance,
        coalesce(sum(liability), 0) as liability
    from members

),

last_month as (

    select
        coalesce(max(balance), 0) as balance,
        coalesce(max(liability), 0) as liability,
        coalesce(max(bronze_customers + silver_customers + gold_customers + platinum_customers), 0) as members
    from months
    where month = {{ month_start(as_of_date()) }}

),

final as (

    select
        customer_id,
        balance,
        lots_less_debt as balance_elsewhere
    from of_members
    union all
    select
        cast(null as varchar) as customer_id,
        member_total.balance,
        last_month.balance as balance_elsewhere
    from member_total
    cross join last_month
    where
        member_total.balance <> last_month.balance
        or member_total.liability <> last_month.liability
        or member_total.members <> last_month.members

)

select * from final
