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
final as (

    select
        cast(100 - concentration.percentile as integer) as percentile,
        cast(everybody.customers - concentration.customers as bigint) as customers,
        cast(everybody.cumulative_revenue - concentration.cumulative_revenue as decimal(18, 2)) as cumulative_revenue,
        cast({{ ratio('everybody.customers - concentration.customers', 'everybody.customers') }} as double precision)
            as share_of_customers,
        cast(
            {{ ratio('everybody.cumulative_revenue - concentration.cumulative_revenue', 'everybody.cumulative_revenue') }}
            as double precision
        ) as share_of_revenue,
        {{ as_of_date() }} as as_of_date
    from concentration
    cross join everybody

)

select * from final
