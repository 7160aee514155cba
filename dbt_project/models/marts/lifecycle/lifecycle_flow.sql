with activity as (

    select * from {{ ref('feat_monthly_activity') }}

),

months as (

    {{ month_series("(select min(month) from activity)", as_of_date()) }}

),

final as (

    select
        cast(coalesce(activity.new_customers, 0) as bigint) as new_customers,
        cast(coalesce(activity.returning_customers, 0) as bigint) as returning_customers,
        cast(coalesce(activity.resurrected_customers, 0) as bigint) as resurrected_customers,
        cast(coalesce(activity.dormant_customers, 0) as bigint) as dormant_customers,
        cast(coalesce(activity.active_customers, 0) as bigint) as active_customers,
        -- old names, deprecated for one version: some are reserved words
        cast(coalesce(activity.new_customers, 0) as bigint) as new,
        cast(coalesce(activity.returning_customers, 0) as bigint) as {{ adapter.quote('returning') }},
        cast(coalesce(activity.resurrected_customers, 0) as bigint) as resurrected,
        cast(coalesce(activity.dormant_customers, 0) as bigint) as dormant,
        cast(coalesce(activity.active_customers, 0) as bigint) as active,
        {{ month_end('months.month') }} <= {{ as_of_date() }} as is_complete,
        cast(months.month as date) as month,
        {{ as_of_date() }} as as_of_date
    from months
    left join activity
        on months.month = activity.month

)

select * from final
