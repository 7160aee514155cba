with names as (

    select * from {{ source('personas', 'persona_names') }}

),

summary as (

    select * from {{ ref('segment_summary') }}
    where segmentation = 'persona'

),

final as (

    select
        cast(names.persona as varchar) as persona,
        cast(names.label_en as varchar) as label_en,
        cast(names.label_zh as varchar) as label_zh,
        cast(names.traits_en as varchar) as traits_en,
        cast(names.traits_zh as varchar) as traits_zh,
        cast(names.reason_en as varchar) as reason_en,
        cast(names.reason_zh as varchar) as reason_zh,
        cast(names.place as integer) as sort_order,
        cast(summary.customers as bigint) as customers,
        cast(summary.share_of_customers as double precision) as share_of_customers,
        cast(summary.net_revenue as decimal(18, 2)) as net_revenue,
        cast(summary.share_of_revenue as double precision) as share_of_revenue,
        cast(summary.margin as decimal(18, 2)) as margin,
        cast(summary.average_order_value as decimal(18, 2)) as average_order_value,
        cast(summary.predicted_clv as decimal(18, 2)) as predicted_clv,
        cast(summary.churned_share as double precision) as churned_share,
        cast(names.last_number as integer) as last_number,
        {{ as_of_date() }} as as_of_date
    from names
    inner join summary
        on names.persona = summary.segment

)

select * from final
