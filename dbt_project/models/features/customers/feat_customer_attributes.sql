with known as (

    select * from {{ ref('feat_customers_known') }}

),

delivered as (

    select * from {{ ref('core_customers') }}

),

accounts as (

    select * from {{ ref('stg_accounts') }}

),

genders as (

    select * from {{ ref('map_gender') }}

),

customer_orders as (

    select * from {{ ref('feat_customer_orders') }}

),

habits as (

    select * from {{ ref('feat_customer_order_behaviour') }}

),

categories as (

    select * from {{ ref('feat_customer_categories') }}

),

top_categories as (

    select
        customer_id,
        max(case when place = 1 then category_name end) as top_category,
        count(*) as category_count
    from categories
    where level = 1
    group by customer_id

),

interests as (

    select * from {{ ref('feat_customer_interests') }}

),

referrals as (

    select * from {{ ref('feat_customer_referrals') }}

),

-- where no source tells who brought whom, nobody knows who came by themselves
told as (

    select count(*) > 0 as has_referrers
    from referrals

),

-- nothing that was delivered counts before the day on which the record was made
described as (

    select
        known.customer_id,
        known.account_id,
        known.acquisition_channel,
        known.country,
        known.region,
        known.city,
        known.language,
        known.referrer_customer_id,
        lower(delivered.gender) as delivered_gender,
        delivered.income_band,
        delivered.education,
        delivered.occupation,
        delivered.marital_status,
        delivered.household_size,
        case when delivered.birth_date <= {{ as_of_date() }} then {{ age_at('delivered.birth_date') }} end as age,
        known.marketing_consent,
        known.is_inferred
    from known
    left join delivered
        on
            known.customer_id = delivered.customer_id
            and not known.is_inferred

),

final as (

    select
        described.customer_id,
        genders.gender,
        described.income_band,
        described.education,
        described.occupation,
        described.marital_status,
        described.acquisition_channel,
        described.country,
        described.region,
        described.city,
        described.language,
        accounts.industry,
        habits.main_channel,
        top_categories.top_category,
        interests.main_interest,
        -- placeholders such as 1900-01-01 are no birthdays
        case when described.age <= 120 then described.age end as age,
        described.household_size,
        accounts.employee_count,
        customer_orders.order_count,
        customer_orders.purchase_days,
        habits.purchase_days_in_window,
        habits.discounted_orders,
        {{ ratio('habits.discounted_orders', 'customer_orders.order_count') }} as discounted_share,
        {{ ratio('customer_orders.refunds', 'customer_orders.gross_revenue - customer_orders.discounts') }}
            as refund_share,
        coalesce(top_categories.category_count, 0) as category_count,
        coalesce(referrals.referred_customers, 0) as referred_customers,
        {{ days_between('customer_orders.last_order_date', as_of_date()) }} as days_since_last_order,
        {{ days_between('customer_orders.first_order_date', as_of_date()) }} as days_since_first_order,
        {{ ratio(
            days_between('customer_orders.first_order_date', 'customer_orders.last_order_date'),
            'customer_orders.purchase_days - 1'
        ) }} as gap_days,
        customer_orders.net_revenue,
        customer_orders.margin,
        customer_orders.average_order_value,
        {{ is_one_of('described.country', home_places('home_country')) }} as is_home_country,
        {{ is_one_of('described.city', home_places('home_city')) }} as is_home_city,
        case
            when told.has_referrers and not described.is_inferred then described.referrer_customer_id is not null
        end as is_referred,
        described.marketing_consent as has_marketing_consent,
        described.is_inferred
    from described
    inner join customer_orders
        on described.customer_id = customer_orders.customer_id
    left join accounts
        on described.account_id = accounts.account_id
    left join genders
        on described.delivered_gender = genders.delivered_gender
    left join habits
        on described.customer_id = habits.customer_id
    left join top_categories
        on described.customer_id = top_categories.customer_id
    left join interests
        on described.customer_id = interests.customer_id
    left join referrals
        on described.customer_id = referrals.customer_id
    cross join told

)

select * from final
