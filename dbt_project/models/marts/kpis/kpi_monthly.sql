with revenue as (

    select * from {{ ref('feat_monthly_revenue') }}

),

activity as (

    select * from {{ ref('feat_monthly_activity') }}

),

concentration as (

    select * from {{ ref('feat_monthly_concentration') }}

),

ledger as (

    select * from {{ ref('customer_ledger') }}
    where
        segmentation = 'all'
        and segment = 'all'

),

spend as (

    select
        {{ month_start('spend_date') }} as month,
        sum(marketing_spend) as marketing_spend
    from {{ ref('feat_marketing_spend') }}
    group by {{ month_start('spend_date') }}

),

-- what those who bought for the first time in a month are expected to bring from D on, and who of them was brought
new_customers as (

    select
        {{ month_start('purchases.first_purchase_date') }} as month,
        count(customer_value.predicted_clv) as valued_customers,
        sum(customer_value.predicted_clv) as predicted_clv,
        count(customers.referrer_customer_id) as referred_new_customers
    from {{ ref('feat_customer_purchases') }} as purchases
    left join {{ ref('customer_lifetime_value') }} as customer_value
        on purchases.customer_id = customer_value.customer_id
    left join {{ ref('feat_customers_known') }} as customers
        on purchases.customer_id = customers.customer_id
    group by {{ month_start('purchases.first_purchase_date') }}

),

-- a month in which nobody was brought is one from the first referral on; before it nobody knows
first_referral as (

    select min(case when referred_new_customers > 0 then month end) as month
    from new_customers

),

sales as (

    select * from {{ ref('feat_monthly_sales') }}

),

checkouts as (

    select
        month,
        sum(checkout_sessions) as checkout_sessions,
        sum(completed_checkouts) as completed_checkouts
    from {{ ref('checkout_funnel') }}
    group by month

),

satisfaction as (

    select
        month,
        max(case when survey_type = 'nps' then figure end) as nps,
        max(case when survey_type = 'nps' then answers end) as nps_n,
        max(case when survey_type = 'csat' then figure end) as csat,
        max(case when survey_type = 'csat' then answers end) as csat_n,
        max(case when survey_type = 'ces2' then figure end) as ces
    from {{ ref('satisfaction_by_segment') }}
    where
        segmentation = 'all'
        and month is not null
    group by month

),

tickets as (

    select
        {{ month_start('created_date') }} as month,
        count(*) filter (where kind = 'complaint') as complaints,
        {{ median('resolution_hours') }} as resolution_hours
    from {{ ref('feat_tickets') }}
    group by {{ month_start('created_date') }}

),

-- a month without complaints has none from the first ticket on; before it nobody knows
first_ticket as (

    select min(month) as month
    from tickets

),

loyalty as (

    select * from {{ ref('loyalty_summary') }}

),

months as (

    {{ month_series("(select min(month) from revenue)", as_of_date()) }}

),

filled as (

    select
        months.month,
        coalesce(revenue.orders, 0) as orders,
        coalesce(revenue.guest_orders, 0) as guest_orders,
        coalesce(revenue.second_orders, 0) as second_orders,
        coalesce(revenue.gross_revenue, 0) as gross_revenue,
        coalesce(revenue.discounts, 0) as discounts,
        coalesce(revenue.refunds, 0) as refunds,
        coalesce(revenue.cost, 0) as cost,
        coalesce(activity.active_customers, 0) as active_customers,
        coalesce(activity.new_customers, 0) as new_customers,
        coalesce(activity.returning_customers, 0) as returning_customers,
        coalesce(activity.resurrected_customers, 0) as resurrected_customers,
        coalesce(activity.dormant_customers, 0) as dormant_customers,
        concentration.gini,
        concentration.top_20_share,
        ledger.lapsed,
        ledger.opening,
        spend.marketing_spend,
        new_customers.valued_customers,
        new_customers.predicted_clv,
        case
            when months.month >= first_referral.month then coalesce(new_customers.referred_new_customers, 0)
        end as referred_new_customers,
        sales.old_leads,
        sales.converted_leads,
        sales.closed_opportunities,
        sales.won_opportunities,
        checkouts.checkout_sessions,
        checkouts.completed_checkouts,
        loyalty.liability as points_liability,
        satisfaction.nps,
        satisfaction.csat,
        satisfaction.ces,
        coalesce(satisfaction.nps_n, 0) as nps_n,
        coalesce(satisfaction.csat_n, 0) as csat_n,
        case when months.month >= first_ticket.month then coalesce(tickets.complaints, 0) end as complaints,
        tickets.resolution_hours
    from months
    left join revenue
        on months.month = revenue.month
    left join activity
        on months.month = activity.month
    left join concentration
        on months.month = concentration.month
    left join ledger
        on months.month = ledger.month
    left join spend
        on months.month = spend.month
    left join new_customers
        on months.month = new_customers.month
    left join sales
        on months.month = sales.month
    left join checkouts
        on months.month = checkouts.month
    left join loyalty
        on months.month = loyalty.month
    left join satisfaction
        on months.month = satisfaction.month
    left join tickets
        on months.month = tickets.month
    cross join first_ticket
    cross join first_referral

),

cumulated as (

    select
        *,
        sum(new_customers) over (order by month rows between unbounded preceding and current row) as customers,
        sum(second_orders) over (order by month rows between unbounded preceding and current row) as repeat_customers,
        lag(active_customers) over (order by month) as active_last_month
    from filled

),

final as (

    select
        cast(orders as bigint) as orders,
        cast(guest_orders as bigint) as guest_orders,
        cast(gross_revenue as decimal(18, 2)) as gross_revenue,
        cast(discounts as decimal(18, 2)) as discounts,
        cast(refunds as decimal(18, 2)) as refunds,
        cast(gross_revenue - discounts - refunds as decimal(18, 2)) as net_revenue,
        cast(cost as decimal(18, 2)) as cost,
        cast(gross_revenue - discounts - refunds - cost as decimal(18, 2)) as gross_margin,
        -- deprecated: other tables call these two net_revenue and gross_margin
        cast(gross_revenue - discounts - refunds as decimal(18, 2)) as revenue,
        cast(gross_revenue - discounts - refunds - cost as decimal(18, 2)) as margin,
        cast(customers as bigint) as customers,
        cast(active_customers as bigint) as active_customers,
        cast(new_customers as bigint) as new_customers,
        cast(returning_customers as bigint) as returning_customers,
        cast(resurrected_customers as bigint) as resurrected_customers,
        cast(dormant_customers as bigint) as dormant_customers,
        -- old names, deprecated for one version: some are reserved words
        cast(active_customers as bigint) as active,
        cast(new_customers as bigint) as new,
        cast(returning_customers as bigint) as {{ adapter.quote('returning') }},
        cast(resurrected_customers as bigint) as resurrected,
        cast(dormant_customers as bigint) as dormant,
        cast({{ ratio('returning_customers', 'active_last_month') }} as double precision) as retention_rate,
        cast({{ ratio('repeat_customers', 'customers') }} as double precision) as repeat_rate,
        cast({{ amount_per('gross_revenue - discounts', 'orders') }} as decimal(18, 2)) as aov,
        cast({{ ratio('orders - guest_orders', 'active_customers') }} as double precision) as orders_per_customer,
        cast(gini as double precision) as gini,
        cast(top_20_share as double precision) as top_20_share,
        cast(nps as double precision) as nps,
        cast(nps_n as bigint) as nps_n,
        cast(csat as double precision) as csat,
        cast(csat_n as bigint) as csat_n,
        cast(ces as double precision) as ces,
        cast({{ ratio('complaints', 'orders') }} as double precision) as complaint_rate,
        cast(resolution_hours as double precision) as resolution_hours,
        cast({{ ratio('lapsed', 'opening') }} as double precision) as churn_rate,
        cast({{ amount_per('marketing_spend', 'new_customers') }} as decimal(18, 2)) as cac,
        cast(
            {{ ratio('predicted_clv * new_customers', 'valued_customers * marketing_spend') }} as double precision
        ) as clv_to_cac,
        cast({{ ratio('converted_leads', 'old_leads') }} as double precision) as lead_conversion_rate,
        cast({{ ratio('won_opportunities', 'closed_opportunities') }} as double precision) as win_rate,
        cast({{ ratio('referred_new_customers', 'new_customers') }} as double precision) as referral_rate,
        cast(points_liability as decimal(18, 2)) as points_liability,
        cast({{ ratio('completed_checkouts', 'checkout_sessions') }} as double precision) as checkout_rate,
        {{ month_end('month') }} <= {{ as_of_date() }} as is_complete,
        cast(month as date) as month,
        {{ as_of_date() }} as as_of_date
    from cumulated

)

select * from final
