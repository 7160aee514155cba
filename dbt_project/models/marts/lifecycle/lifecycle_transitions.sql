with flows as (

    select * from {{ ref('feat_segment_flows') }}

),

-- only what moves: a customer who is seen for the first time comes from nowhere, which is called entered
moves as (

    select
        month,
        coalesce(previous_lifecycle_stage, 'entered') as from_stage,
        lifecycle_stage as to_stage,
        sum(customers) as customers
    from flows
    where
        customers > 0
        and coalesce(lifecycle_stage <> previous_lifecycle_stage, true)
    group by month, coalesce(previous_lifecycle_stage, 'entered'), lifecycle_stage

),

months as (

    {{ month_series("(select min(month) from moves)", as_of_date()) }}

),

stages as (

    select distinct to_stage as stage
    from moves

),

arrivals as (

    select
        month,
        to_stage as stage,
        sum(customers) as customers
    from moves
    group by month, to_stage

),

departures as (

    select
        month,
        from_stage as stage,
        sum(customers) as customers
    from moves
    group by month, from_stage

),

balances as (

    select
        months.month,
        stages.stage,
        coalesce(departures.customers, 0) as departed,
        sum(coalesce(arrivals.customers, 0) - coalesce(departures.customers, 0)) over (
            partition by stages.stage order by months.month
            rows between unbounded preceding and current row
        ) - coalesce(arrivals.customers, 0) as stayed
    from months
    cross join stages
    left join arrivals
        on
            months.month = arrivals.month
            and stages.stage = arrivals.stage
    left join departures
        on
            months.month = departures.month
            and stages.stage = departures.stage

),

everybody as (

    select
        moves.month,
        moves.from_stage,
        moves.to_stage,
        moves.customers,
        balances.stayed + balances.departed as customers_from
    from moves
    left join balances
        on
            moves.month = balances.month
            and moves.from_stage = balances.stage
    union all
    select
        month,
        stage as from_stage,
        stage as to_stage,
        stayed as customers,
        stayed + departed as customers_from
    from balances
    where stayed > 0

),

final as (

    select
        cast(from_stage as varchar) as from_stage,
        cast(to_stage as varchar) as to_stage,
        cast(customers as bigint) as customers,
        cast({{ ratio('customers', 'customers_from') }} as double precision) as share_of_from,
        {{ month_end('month') }} <= {{ as_of_date() }} as is_complete,
        cast(month as date) as month,
        {{ as_of_date() }} as as_of_date
    from everybody

)

select * from final
