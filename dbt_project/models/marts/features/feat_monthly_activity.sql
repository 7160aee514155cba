with customer_months as (

    select * from {{ ref('feat_customer_months') }}
    where is_active

),

buyers as (

    select
        month,
        count(*) as active_customers,
        sum(case when month = cohort_month then 1 else 0 end) as new_customers,
        sum(
            case when previous_purchase_month = {{ add_months('month', -1) }} then 1 else 0 end
        ) as returning_customers,
        sum(
            case when previous_purchase_month < {{ add_months('month', -1) }} then 1 else 0 end
        ) as resurrected_customers
    from customer_months
    group by month

),

-- who bought in a month and not in the next is dormant in the next
silent as (

    select
        {{ add_months('month', 1) }} as month,
        count(*) as dormant_customers
    from customer_months
    where
        next_purchase_month is null
        or next_purchase_month > {{ add_months('month', 1) }}
    group by {{ add_months('month', 1) }}

),

final as (

    select
        coalesce(buyers.active_customers, 0) as active_customers,
        coalesce(buyers.new_customers, 0) as new_customers,
        coalesce(buyers.returning_customers, 0) as returning_customers,
        coalesce(buyers.resurrected_customers, 0) as resurrected_customers,
        coalesce(silent.dormant_customers, 0) as dormant_customers,
        coalesce(buyers.month, silent.month) as month
    from buyers
    full outer join silent
        on buyers.month = silent.month

)

select * from final
