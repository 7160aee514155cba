with leads as (

    select * from {{ ref('feat_leads') }}

),

opportunities as (

    select * from {{ ref('feat_opportunities') }}

),

-- what stands where at D, by the month in which it was created
standing as (

    select
        {{ month_start('created_date') }} as month,
        'lead' as stage,
        0 as stage_rank,
        case when converted_date is null then 0 else 1 end as won,
        cast(0 as decimal(18, 2)) as amount,
        {{ days_between('created_date', 'converted_date') }} as days
    from leads
    union all
    select
        {{ month_start('created_date') }} as month,
        case when is_won then 'won' when is_open then stage else 'lost' end as stage,
        case when is_won then 2 when is_open then 1 else 3 end as stage_rank,
        case when is_won then 1 else 0 end as won,
        coalesce(amount, 0) as amount,
        {{ days_between('created_date', 'coalesce(closed_date, ' ~ as_of_date() ~ ')') }} as days
    from opportunities

),

final as (

    select
        cast(month as date) as month,
        cast(stage as varchar) as stage,
        cast(min(stage_rank) as integer) as stage_rank,
        cast(count(*) as bigint) as entered,
        cast(sum(won) as bigint) as won,
        cast(sum(amount) as decimal(18, 2)) as amount,
        cast({{ median('days') }} as double precision) as median_days,
        {{ as_of_date() }} as as_of_date
    from standing
    group by month, stage

)

select * from final
