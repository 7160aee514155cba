with concentration as (

    select * from {{ ref('revenue_concentration') }}

),

everybody as (

    select
        customers,
        cumulative_revenue
    from concentration
    where percentile = 100

),

-- who is not among the best so many percent is among the others
others as (

    select
        100 - concentration.percentile as percentile,
        everybody.customers - concentration.customers as customers,
        everybody.cumulative_revenue - concentration.cumulative_revenue as cumulative_revenue,
        everybody.customers as all_customers,
        everybody.cumulative_revenue as all_revenue
    from concentration
    cross join everybody

),

final as (

    select
        cast(percentile as integer) as percentile,
        cast(customers as bigint) as customers,
        cast(cumulative_revenue as decimal(18, 2)) as cumulative_revenue,
        cast({{ ratio('customers', 'all_customers') }} as double precision) as share_of_customers,
        cast({{ ratio('cumulative_revenue', 'all_revenue') }} as double precision) as share_of_revenue,
        {{ as_of_date() }} as as_of_date
    from others

)

select * from final
