with accounts as (

    select * from {{ ref('stg_accounts') }}

),

customers as (

    select * from {{ ref('feat_customers_known') }}
    where account_id is not null

),

orders as (

    select * from {{ ref('feat_customer_orders') }}

),

stages as (

    select * from {{ ref('feat_customer_stages') }}

),

risks as (

    select * from {{ ref('customer_churn_risk') }}

),

tickets as (

    select * from {{ ref('feat_tickets') }}
    where customer_id is not null

),

interactions as (

    select * from {{ ref('feat_interactions') }}
    where customer_id is not null

),

opportunities as (

    select * from {{ ref('feat_opportunities') }}

),

ticket_totals as (

    select
        customer_id,
        count(*) as open_tickets
    from tickets
    where is_open
    group by customer_id

),

contact_days as (

    select
        customer_id,
        max(contact_date) as last_contact_date
    from interactions
    group by customer_id

),

-- the customer who bought last says where the company stands
members as (

    select
        customers.account_id,
        customers.customer_id,
        stages.lifecycle_stage,
        coalesce(orders.net_revenue, 0) as net_revenue,
        coalesce(risks.revenue_at_risk, 0) as revenue_at_risk,
        risks.churn_probability,
        coalesce(ticket_totals.open_tickets, 0) as open_tickets,
        coalesce(orders.order_count, 0) as order_count,
        contact_days.last_contact_date,
        orders.last_order_date,
        row_number() over (
            partition by customers.account_id
            order by orders.last_order_date desc nulls last, customers.customer_id asc
        ) as place
    from customers
    left join orders
        on customers.customer_id = orders.customer_id
    left join stages
        on customers.customer_id = stages.customer_id
    left join risks
        on customers.customer_id = risks.customer_id
    left join ticket_totals
        on customers.customer_id = ticket_totals.customer_id
    left join contact_days
        on customers.customer_id = contact_days.customer_id

),

of_members as (

    select
        account_id,
        count(*) as customers,
        sum(order_count) as order_count,
        sum(net_revenue) as net_revenue,
        sum(revenue_at_risk) as revenue_at_risk,
        max(churn_probability) as highest_churn_probability,
        sum(open_tickets) as open_tickets,
        max(case when place = 1 then lifecycle_stage end) as lifecycle_stage,
        max(last_contact_date) as last_contact_date,
        max(last_order_date) as last_order_date
    from members
    group by account_id

),

of_deals as (

    select
        coalesce(opportunities.account_id, customers.account_id) as account_id,
        sum(case when opportunities.is_open then 1 else 0 end) as open_opportunities,
        sum(case when opportunities.is_open then coalesce(opportunities.amount, 0) else 0 end) as open_amount,
        sum(case when opportunities.is_won then coalesce(opportunities.amount, 0) else 0 end) as won_amount
    from opportunities
    left join customers
        on opportunities.customer_id = customers.customer_id
    group by coalesce(opportunities.account_id, customers.account_id)

),

own as (

    select
        accounts.account_id,
        accounts.parent_account_id,
        accounts.name,
        accounts.industry,
        accounts.employee_count,
        accounts.country,
        accounts.city,
        of_members.lifecycle_stage,
        coalesce(of_members.customers, 0) as customers,
        coalesce(of_members.order_count, 0) as order_count,
        coalesce(of_members.net_revenue, 0) as net_revenue,
        coalesce(of_members.revenue_at_risk, 0) as revenue_at_risk,
        of_members.highest_churn_probability,
        coalesce(of_members.open_tickets, 0) as open_tickets,
        coalesce(of_deals.open_opportunities, 0) as open_opportunities,
        coalesce(of_deals.open_amount, 0) as open_amount,
        coalesce(of_deals.won_amount, 0) as won_amount,
        of_members.last_contact_date,
        of_members.last_order_date
    from accounts
    left join of_members
        on accounts.account_id = of_members.account_id
    left join of_deals
        on accounts.account_id = of_deals.account_id

),

-- a company and the companies right below it
families as (

    select
        own.account_id as head_id,
        own.*
    from own
    union all
    select
        parent_account_id as head_id,
        own.*
    from own
    where
        parent_account_id is not null
        and parent_account_id <> account_id

),

together as (

    select
        head_id,
        count(*) - 1 as children,
        sum(customers) as customers,
        sum(order_count) as order_count,
        sum(net_revenue) as net_revenue,
        sum(revenue_at_risk) as revenue_at_risk,
        max(highest_churn_probability) as highest_churn_probability,
        sum(open_tickets) as open_tickets,
        sum(open_opportunities) as open_opportunities,
        sum(open_amount) as open_amount,
        sum(won_amount) as won_amount,
        max(last_contact_date) as last_contact_date,
        max(last_order_date) as last_order_date
    from families
    group by head_id

),

tiers as (

    {{ value_tiers_at('together') }}

),

final as (

    select
        cast(own.account_id as varchar) as account_id,
        cast(own.parent_account_id as varchar) as parent_account_id,
        cast(own.name as varchar) as account_name,
        cast(own.industry as varchar) as industry,
        cast(own.country as varchar) as country,
        cast(own.city as varchar) as city,
        cast(case when together.order_count > 0 then tiers.value_tier else 'unknown' end as varchar) as value_tier,
        cast(own.lifecycle_stage as varchar) as lifecycle_stage,
        cast(own.employee_count as bigint) as employee_count,
        cast(together.children as bigint) as children,
        cast(together.customers as bigint) as customers,
        cast(together.order_count as bigint) as order_count,
        cast(together.net_revenue as decimal(18, 2)) as net_revenue,
        cast(together.revenue_at_risk as decimal(18, 2)) as revenue_at_risk,
        cast(together.highest_churn_probability as double precision) as highest_churn_probability,
        cast(together.open_tickets as bigint) as open_tickets,
        cast(together.open_opportunities as bigint) as open_opportunities,
        cast(together.open_amount as decimal(18, 2)) as open_amount,
        cast(together.won_amount as decimal(18, 2)) as won_amount,
        cast(coalesce(together.order_count > 0 and tiers.value_tier = 'high', false) as boolean) as is_key_account,
        cast(together.last_contact_date as date) as last_contact_date,
        cast(together.last_order_date as date) as last_order_date,
        {{ as_of_date() }} as as_of_date
    from own
    inner join together
        on own.account_id = together.head_id
    left join tiers
        on together.net_revenue = tiers.net_revenue

)

select * from final
